"""Routescan answers like Etherscan, without a key. https://routescan.io/documentation"""

from typing import ClassVar, Final

from lib.chain import EVM_CHAINS, Transactions
from lib.feeds import TRANSACTIONS
from lib.providers.base import Limit, Payload, Provider, serves
from lib.queries import AddressQuery
from lib.timeframes import DAY_MS
from lib.wire.explorers import account_params, parse_page
from lib.wire.histories import build_transactions
from lib.wire.spans import together

LISTS: Final = ("txlist", "tokentx")
"""Two calls an address: without a key, two are what it allows in a second."""


class Routescan(Provider):
    """Keyless. Its two calls a second are counted over five seconds, so that three callers at once
    are served rather than refused by us."""

    name = "routescan"
    base_url = "https://api.routescan.io"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(10, 5), Limit(10_000, DAY_MS / 1000))
    attribution = "Chain data by Routescan"
    terms = "Without a key: 2 calls a second, 10,000 a day for each address."

    @serves(TRANSACTIONS, weight=2)
    async def transactions(self, query: AddressQuery) -> Transactions:
        """Native and token transfers of an address, newest first; no internal ones."""
        payloads = await together(self._list(action, query) for action in LISTS)
        pages = [
            await self.decode(parse_page, payload, action, query)
            for action, payload in zip(LISTS, payloads, strict=True)
        ]
        return build_transactions(query, pages, payloads[0].time_ms, without=("internal",))

    async def _list(self, action: str, query: AddressQuery) -> Payload:
        chain_id = EVM_CHAINS[query.chain].chain_id
        path = f"/v2/network/mainnet/evm/{chain_id}/etherscan/api"
        return await self.get(path, **account_params(action, query))
