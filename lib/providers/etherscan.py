"""Etherscan V2, one API for many EVM chains. https://docs.etherscan.io/api-reference/introduction"""

from typing import ClassVar

from lib.chain import EVM_CHAINS, Transactions
from lib.feeds import TRANSACTIONS
from lib.providers.base import Limit, Payload, Provider, serves
from lib.queries import AddressQuery
from lib.timeframes import DAY_MS
from lib.wire.explorers import ACTIONS, account_params, parse_page
from lib.wire.histories import build_transactions
from lib.wire.spans import together


class Etherscan(Provider):
    """A free key serves Ethereum and Polygon; for BSC it answers that the plan must be paid for."""

    name = "etherscan"
    base_url = "https://api.etherscan.io"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(3, 1), Limit(100_000, DAY_MS / 1000))
    key_variable = "ETHERSCAN_KEY"
    needs_key = True
    attribution = "Powered by Etherscan.io APIs"
    terms = "Free key: 3 calls a second, 100,000 a day, some chains."

    @serves(TRANSACTIONS, weight=3)
    async def transactions(self, query: AddressQuery) -> Transactions:
        """Native, token and internal transfers of an address, newest first.

        Raises:
            SourceUnsupported: the key's plan does not include this chain.
        """
        payloads = await together(self._list(action, query) for action in ACTIONS)
        pages = [
            await self.decode(parse_page, payload, action, query)
            for action, payload in zip(ACTIONS, payloads, strict=True)
        ]
        return build_transactions(query, pages, payloads[0].time_ms)

    async def _list(self, action: str, query: AddressQuery) -> Payload:
        chain_id = EVM_CHAINS[query.chain].chain_id
        params = account_params(action, query)
        return await self.get("/v2/api", chainid=chain_id, **params, apikey=self._key)
