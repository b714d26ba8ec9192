"""DefiLlama's yields: pools and what they pay. https://api-docs.defillama.com"""

from typing import ClassVar

from lib.defi import Pools
from lib.feeds import POOLS
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.llama import parse_pools


class DefiLlamaYields(Provider):
    """Keyless."""

    name = "defillama_yields"
    base_url = "https://yields.llama.fi"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(60, 60),)
    attribution = "Data by DefiLlama"
    terms = "Free API without a key; its limits are not published."

    @serves(POOLS)
    async def pools(self, _: Everything) -> Pools:
        """The largest pools."""
        payload = await self.get("/pools")
        return await self.decode(parse_pools, payload, payload.time_ms)
