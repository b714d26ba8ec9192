"""CoinGecko: market table, totals, market caps, coins, rates, trends. https://docs.coingecko.com"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, partial
from typing import Any, Final, TypeVar

from msgspec import structs

from lib.assets import COINGECKO, AssetTable, load_seed
from lib.candles import Bar, build_candles
from lib.errors import NoKey, SourceError, SourceThrottled, SourceUnavailable, SourceUnsupported
from lib.feeds import CANDLES, CAPS, COINS, GLOBALS, LISTINGS, RATES, TICKERS, TRENDS
from lib.market import (
    DOLLARS,
    Candles,
    CapHistory,
    Coins,
    GlobalStats,
    Listings,
    Pair,
    Rates,
    Ticker,
    Trends,
)
from lib.providers.base import MINUTE, MONTH, Limit, Payload, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, ListQuery, RangeQuery
from lib.timeframes import DAY_MS, HOUR_MS
from lib.wire.coingecko import error_code, parse_defi_dominance, parse_globals, parse_listings
from lib.wire.coingecko_charts import parse_caps, parse_ohlc
from lib.wire.coingecko_coins import parse_coins, parse_rates, parse_trends
from lib.wire.listings import merge_pages, tickers_of
from lib.wire.spans import together

T = TypeVar("T")
S = TypeVar("S")

FREE_HISTORY_MS: Final = 365 * DAY_MS
OHLC_DAYS: Final = {"30m": (1,), "4h": (7, 14, 30)}
"""The only bars there are, and the windows they come in, in days."""

UNKNOWN: Final = (b'not found"', b'"Could not find')
"""What it says, and used to say, in JSON with 404 about a coin; not about a wrong address."""

CATEGORIES: Final = {
    "all": None,
    "defi": "decentralized-finance-defi",
    "nft": "non-fungible-tokens-nft",
    "meme": "meme-token",
}


class CoinGecko(Provider):
    """Prices over all exchanges, in US dollars. Works without a key, per IP address."""

    name = COINGECKO
    base_url = "https://api.coingecko.com"
    limits = (Limit(10, MINUTE, keyed_units=30), Limit(10_000, MONTH))
    key_variable = "COINGECKO_API_KEY"
    attribution = "Data provided by CoinGecko (https://www.coingecko.com)"
    terms = "Demo plan: attribution required; history of the last 365 days only."
    patience_s = 1.5  # for what an answer can do without

    def headers(self) -> dict[str, str]:
        return {"x-cg-demo-api-key": self._key} if self._key else {}

    @serves(LISTINGS, weight=2)
    async def listings(self, query: ListQuery) -> Listings:
        """Best rank first. Page 1 must answer; a later page that does not is left out.

        Raises:
            SourceUnsupported: CoinGecko has no such category.
        """
        if query.category not in CATEGORIES:
            raise SourceUnsupported(f"coingecko: no category {query.category}")
        later = [partial(self._page, query, page) for page in range(2, query.pages + 1)]
        pages: list[Listings | None] = await together(
            [self._page(query, 1), *map(self._or_none, later)]
        )
        return merge_pages(page for page in pages if page)

    @serves_all(TICKERS)
    async def tickers(self) -> Mapping[str, Ticker]:
        """The 250 largest coins in US dollars, over all exchanges."""
        return tickers_of(await self._page(ListQuery(), 1))

    @serves(CANDLES)
    async def candles(self, query: CandleQuery) -> Candles:
        """Bars of 30m (the last day) and 4h (the last 30 days) in dollars, without volume.

        Raises:
            SourceUnsupported: another time frame or quote, bars further back, an unknown asset.
        """
        coin = self._assets.id_of(query.pair.base, COINGECKO)
        if coin is None or query.timeframe not in OHLC_DAYS or query.pair.quote not in DOLLARS:
            raise SourceUnsupported(f"coingecko: no {query.timeframe} bars of {query.pair}")
        windows = OHLC_DAYS[query.timeframe]
        days = windows[-1]
        if query.since_ms is not None:
            reach_ms = self._clock.now_ms() - query.since_ms
            days = next((d for d in windows if d * DAY_MS >= reach_ms), 0)
            if not days:
                raise SourceUnsupported(f"coingecko: nothing over {windows[-1]} days old")
        path = f"/api/v3/coins/{coin}/ohlc"
        payload = await self.get(path, vs_currency="usd", days=days)
        rows = await self.decode(parse_ohlc, payload, query.timeframe)
        bars = [Bar(*row, volume=None) for row in rows]
        in_dollars = structs.replace(query, pair=Pair(query.pair.base, "USD"))
        return build_candles(in_dollars, bars, payload.time_ms)

    @serves(GLOBALS, weight=2)
    async def globals(self, query: Everything) -> GlobalStats:  # noqa: ARG002 - only one question
        """The whole market; the share of DeFi comes from a second call that may fail."""
        calls: list[Any] = [self._totals(), self._or_none(self._defi)]
        stats: GlobalStats
        stats, defi = await together(calls)
        return structs.replace(stats, defi_dominance=defi)

    @serves(CAPS)
    async def caps(self, query: RangeQuery) -> CapHistory:
        """Uneven points, each at its own moment; nothing from over 365 days ago.

        Raises:
            SourceUnsupported: an asset it does not know, or all of the range is too long ago.
        """
        coin = self._assets.id_of(query.symbol, COINGECKO)
        if coin is None:
            raise SourceUnsupported("coingecko: no id is known for this symbol")
        earliest_ms = self._clock.now_ms() - FREE_HISTORY_MS + HOUR_MS
        if query.to_ms < earliest_ms:
            raise SourceUnsupported("coingecko: free history covers the last 365 days")
        path = f"/api/v3/coins/{coin}/market_chart/range"
        since_s, until_s = max(query.from_ms, earliest_ms) // 1000, -(-query.to_ms // 1000)
        payload = await self.get(path, vs_currency="usd", **{"from": since_s, "to": until_s})
        return await self.decode(parse_caps, payload, query, payload.time_ms)

    @serves(COINS)
    async def coins(self, query: Everything) -> Coins:  # noqa: ARG002 - only one question
        """Every coin it knows, some 17,000, in order of their ids."""
        payload = await self.get("/api/v3/coins/list")
        return await self.decode(parse_coins, payload, payload.time_ms)

    @serves(RATES)
    async def rates(self, query: Everything) -> Rates:  # noqa: ARG002 - only one question
        """What a dollar is worth in other money."""
        payload = await self.get("/api/v3/exchange_rates")
        return await self.decode(parse_rates, payload, payload.time_ms)

    @serves(TRENDS)
    async def trends(self, query: Everything) -> Trends:  # noqa: ARG002 - only one question
        """What people searched for in the last 24 hours."""
        payload = await self.get("/api/v3/search/trending")
        return await self.decode(parse_trends, payload, payload.time_ms)

    async def get(self, path: str, **params: str | int | None) -> Payload:
        """As any provider's; a refusal that comes with HTTP 200 is raised too."""
        payload = await super().get(path, **params)
        if len(payload.body) < 2000 and (code := error_code(payload.body)):
            raise _refusal(code)
        return payload

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if (code := error_code(body)) and code != 429:
            raise _refusal(code)
        if status == 401:
            raise NoKey("coingecko: 401")
        if status == 404 and not any(words in body for words in UNKNOWN):
            raise SourceUnavailable("coingecko: 404")
        if status == 429 and "retry-after" not in headers:
            raise SourceThrottled("coingecko: 429", MINUTE)
        super().refuse(status, headers, body)

    @cached_property
    def _assets(self) -> AssetTable:
        return AssetTable(seed=load_seed())

    async def _page(self, query: ListQuery, page: int) -> Listings:
        payload = await self.get(
            "/api/v3/coins/markets",
            vs_currency="usd",
            order="market_cap_desc",
            per_page=250,  # the most it gives
            page=page,
            price_change_percentage="1h,24h,7d",
            sparkline="false",
            category=CATEGORIES[query.category],
        )
        return await self.decode(parse_listings, payload, payload.time_ms)

    async def _totals(self) -> GlobalStats:
        payload = await self.get("/api/v3/global")
        return await self.decode(parse_globals, payload, payload.time_ms)

    async def _defi(self) -> float | None:
        payload = await self.get("/api/v3/global/decentralized_finance_defi")
        return await self.decode(parse_defi_dominance, payload)

    async def _or_none(self, call: Callable[[], Awaitable[T]]) -> T | None:
        try:
            async with asyncio.timeout(self.patience_s):
                return await call()
        except (SourceError, TimeoutError):
            return None


def _refusal(code: int) -> SourceError:
    """By the codes of "Errors and rate limits": no or a wrong key; not in this plan, too old."""
    if code == 429:
        return SourceThrottled("coingecko: 429", MINUTE)
    if code in (401, 10002, 10010, 10011):
        return NoKey(f"coingecko: {code}")
    if code in (404, 10005, 10012):
        return SourceUnsupported(f"coingecko: {code}")
    return SourceUnavailable(f"coingecko: {code}")
