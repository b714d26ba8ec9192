"""Blockscout's PRO API, in its form that answers like Etherscan. https://docs.blockscout.com"""

from collections.abc import Mapping
from typing import ClassVar

from lib.chain import EVM_CHAINS, Transactions
from lib.errors import NoKey, SourceThrottled
from lib.feeds import TRANSACTIONS
from lib.providers.base import Limit, Payload, Provider, serves
from lib.queries import AddressQuery
from lib.timeframes import DAY_MS
from lib.wire.explorers import ACTIONS, account_params, parse_page
from lib.wire.histories import build_transactions
from lib.wire.spans import together


class Blockscout(Provider):
    """Since its instances closed their own routes, every plan needs a key, the free one too."""

    name = "blockscout"
    base_url = "https://api.blockscout.com"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(5, 1), Limit(5000, DAY_MS / 1000))
    key_variable = "BLOCKSCOUT_KEY"
    needs_key = True
    attribution = "Chain data by Blockscout"
    terms = "Free key: 5 calls a second and 100,000 credits a day, some 20 for a list."

    @serves(TRANSACTIONS, weight=3)
    async def transactions(self, query: AddressQuery) -> Transactions:
        """Native, token and internal transfers of an address, newest first."""
        payloads = await together(self._list(action, query) for action in ACTIONS)
        pages = [
            await self.decode(parse_page, payload, action, query)
            for action, payload in zip(ACTIONS, payloads, strict=True)
        ]
        return build_transactions(query, pages, payloads[0].time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """401: no valid key. 402: the day's credits are used up."""
        if status == 401:
            raise NoKey("blockscout: 401")
        if status == 402:
            raise SourceThrottled("blockscout: 402", 3600)
        super().refuse(status, headers, body)

    async def _list(self, action: str, query: AddressQuery) -> Payload:
        chain_id = EVM_CHAINS[query.chain].chain_id
        params = account_params(action, query)
        return await self.get("/v2/api", chain_id=chain_id, **params, apikey=self._key)
