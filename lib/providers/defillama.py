"""DefiLlama: what is locked in DeFi protocols. https://api-docs.defillama.com"""

from typing import ClassVar

from lib.defi import Protocols
from lib.feeds import PROTOCOLS
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.llama import parse_protocols


class DefiLlama(Provider):
    """Keyless; yields have a host of their own."""

    name = "defillama"
    base_url = "https://api.llama.fi"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(60, 60),)
    attribution = "Data by DefiLlama"
    terms = "Free API without a key; its limits are not published."

    @serves(PROTOCOLS)
    async def protocols(self, _: Everything) -> Protocols:
        """The largest protocols."""
        payload = await self.get("/protocols")
        return await self.decode(parse_protocols, payload, payload.time_ms)
