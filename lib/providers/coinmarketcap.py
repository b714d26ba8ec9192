"""CoinMarketCap: market table, totals, fear and greed, with or without a key.
https://coinmarketcap.com/api/documentation"""

import asyncio
from collections.abc import Mapping
from typing import Final

from lib.errors import SourceUnsupported
from lib.feeds import GLOBALS, LISTINGS, MOODS
from lib.market import GlobalStats, Listings
from lib.moods import build_history
from lib.news import MoodHistory
from lib.providers.base import MINUTE, MONTH, Limit, Provider, serves
from lib.queries import Everything, ListQuery
from lib.wire.coinmarketcap import parse_globals, parse_listings
from lib.wire.coinmarketcap_moods import parse_mood, parse_moods
from lib.wire.coinmarketcap_status import PAUSES_S, error_code, refusal

TAGS: Final = {"all": None, "defi": "defi", "nft": "collectibles-nfts", "meme": "memes"}
MOOD_DAYS: Final = 31
CATEGORY_ROWS: Final = 1000  # looked through for a category, since only some rows have its tag


class CoinMarketCap(Provider):
    """Prices over all exchanges, in US dollars. With a key it asks the keyed routes."""

    name = "coinmarketcap"
    base_url = "https://pro-api.coinmarketcap.com"
    # without a key the limit per address is not published: we stay well below the Basic plan's
    limits = (Limit(10, MINUTE, keyed_units=30), Limit(15_000, MONTH))
    key_variable = "CMC_API_KEY"
    attribution = "Data provided by CoinMarketCap (https://coinmarketcap.com)"
    terms = "Basic plan: personal use only."

    def headers(self) -> dict[str, str]:
        return {"X-CMC_PRO_API_KEY": self._key} if self._key else {}

    @serves(LISTINGS, weight=3)  # a credit for each 200 rows
    async def listings(self, query: ListQuery) -> Listings:
        """Best rank first; all-time prices and day ranges are not given.

        Raises:
            SourceUnsupported: a category that is no tag here.
        """
        if query.category not in TAGS:
            raise SourceUnsupported(f"coinmarketcap: no tag for {query.category}")
        tag, wanted = TAGS[query.category], 250 * query.pages
        path = "/v1/cryptocurrency/listings/latest"
        payload = await self.get(
            path if self._key else "/public-api/v3/cryptocurrency/listings/latest",
            start=1,
            limit=max(wanted, CATEGORY_ROWS) if tag else wanted,
            convert="USD",
        )
        table = await self.decode(parse_listings, payload, payload.time_ms, tag)
        return Listings(table.rows[:wanted], table.time_ms)

    @serves(GLOBALS)
    async def globals(self, query: Everything) -> GlobalStats:  # noqa: ARG002 - only one question
        """The whole market."""
        path = "/v1/global-metrics/quotes/latest"
        payload = await self.get(path if self._key else f"/public-api{path}", convert="USD")
        return await self.decode(parse_globals, payload, payload.time_ms)

    @serves(MOODS, weight=2)
    async def moods(self, query: Everything) -> MoodHistory:  # noqa: ARG002 - only one question
        """The index now, and of the thirty days before."""
        root = "" if self._key else "/public-api"
        latest, days = await asyncio.gather(
            self.get(f"{root}/v3/fear-and-greed/latest"),
            self.get(f"{root}/v3/fear-and-greed/historical", limit=MOOD_DAYS),
        )
        return build_history(parse_moods(days.body), parse_mood(latest.body))

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        code = error_code(body) or (status if status in (401, 402, 404, 429) else 0)
        if code in PAUSES_S and PAUSES_S[code] == MINUTE and "retry-after" in headers:
            super().refuse(429, headers, body)
        if code:
            raise refusal(code)
        super().refuse(status, headers, body)
