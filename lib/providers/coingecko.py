"""CoinGecko: market table, totals, market caps, coins, rates, trends. https://docs.coingecko.com"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import structs

from lib.assets import COINGECKO, AssetTable, clean_text, load_seed
from lib.candles import Bar, build_candles
from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.feeds import CANDLES, CAPS, COINS, GLOBALS, LISTINGS, RATES, TICKERS, TRENDS
from lib.market import (
    DOLLARS,
    Candles,
    CapHistory,
    CapPoint,
    Coin,
    Coins,
    GlobalStats,
    Listing,
    Listings,
    Pair,
    Rates,
    Ticker,
    Trend,
    Trends,
)
from lib.providers.base import MINUTE, MONTH, Limit, Payload, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, ListQuery, RangeQuery
from lib.timeframes import DAY_MS, HOUR_MS, TIMEFRAME_MS
from lib.wire import coingecko as wire
from lib.wire.iso import parse_iso, read_seconds, tidy_iso
from lib.wire.listings import merge_pages, tickers_of
from lib.wire.typed import finite, positive, wire_decoder
from lib.wire.venues import amount, read_rows

T = TypeVar("T")
S = TypeVar("S")

FREE_HISTORY_MS: Final = 365 * DAY_MS
OHLC_DAYS: Final = {"30m": (1,), "4h": (7, 14, 30)}
"""The only bars there are, and the windows they come in, in days."""

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
        first, rest = await _together(self._page(query, 1), *map(self._or_none, later))
        return merge_pages([first, *filter(None, rest)])

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
        stats, [defi] = await _together(self._totals(), self._or_none(self._defi))
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
        if len(payload.body) < 2000 and (code := _error_code(payload.body)):
            raise _refusal(code)
        return payload

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if (code := _error_code(body)) and code != 429:
            raise _refusal(code)
        if status == 401:
            raise NoKey("coingecko: 401")
        if status == 404 and b"not found" not in body:  # of a coin it says "coin not found"
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


class PriceBar(NamedTuple):
    """A bar without a volume, timed at its open."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float


def parse_listings(body: bytes, time_ms: int) -> Listings:
    """Read `/coins/markets`, best rank first; a coin without a price (renamed away) is left out."""
    rows = [row for row in map(_listing, read_rows(body, _read_market)) if row]
    if not rows:
        raise SourceMalformed("not one coin with a price")
    return merge_pages([Listings(tuple(rows), max(r.updated_ms or 0 for r in rows) or time_ms)])


def parse_globals(body: bytes, time_ms: int) -> GlobalStats:
    """Read `/global`; `markets` counts exchanges there, and what changed is in US dollars."""
    data = _read_globals(body).data
    cap = positive(data.total_market_cap.usd)
    volume = positive(data.total_volume.usd)
    shares = {
        clean_text(asset, 20).upper(): share
        for asset, share in data.market_cap_percentage.items()
        if share and 0 < share <= 100
    }
    if cap is None or volume is None or not shares:
        raise SourceMalformed("no totals")
    return GlobalStats(
        time_ms=read_seconds(data.updated_at) or time_ms,
        total_market_cap=cap,
        total_volume_24h=volume,
        dominance=shares,
        market_cap_change_24h=finite(data.market_cap_change_percentage_24h_usd),
        volume_change_24h=finite(data.volume_change_percentage_24h_usd),
        active_cryptocurrencies=_whole(data.active_cryptocurrencies),
        active_exchanges=_whole(data.markets),
    )


def parse_defi_dominance(body: bytes) -> float | None:
    """Read `/global/decentralized_finance_defi`: DeFi's share of all market caps, in percent."""
    share = _read_defi(body).data.defi_dominance
    return share if share and 0 < share <= 100 else None


def parse_caps(body: bytes, query: RangeQuery, time_ms: int) -> CapHistory:
    """Read `/coins/{id}/market_chart/range`. The newest point is "now" rather than a bar's end."""
    points = {
        int(at_ms): cap
        for at_ms, cap in _read_chart(body).market_caps
        if query.from_ms <= at_ms <= query.to_ms and positive(cap)
    }
    if not points:
        raise SourceUnsupported("no market cap in this range")
    ordered = tuple(CapPoint(at_ms, cap) for at_ms, cap in sorted(points.items()) if cap)
    return CapHistory(query.symbol, ordered, time_ms)


def parse_coins(body: bytes, time_ms: int) -> Coins:
    """Read `/coins/list`, in its order."""
    rows = (
        Coin(clean_text(row.id), clean_text(row.symbol).upper(), clean_text(row.name))
        for row in _read_coins(body)
    )
    kept = tuple(row for row in rows if row.id and row.symbol)
    if not kept:
        raise SourceMalformed("not one coin")
    return Coins(kept, time_ms)


_CODE: Final = re.compile(r"[A-Za-z0-9]{2,10}")


def parse_rates(body: bytes, time_ms: int) -> Rates:
    """Read `/exchange_rates`, which says what one bitcoin is worth; only money is kept."""
    rates = _read_rates(body).rates
    usd = positive(rates["usd"].value) if "usd" in rates else None
    if usd is None:
        raise SourceMalformed("no rate of the dollar")
    money = {
        code.upper(): positive(rate.value)
        for code, rate in rates.items()
        if _CODE.fullmatch(code) and (rate.type == "fiat" or code.upper() in DOLLARS)
    }
    per_usd = {code: positive(value / usd) for code, value in money.items() if value}
    return Rates({code: rate for code, rate in per_usd.items() if rate}, time_ms)


def parse_trends(body: bytes, time_ms: int) -> Trends:
    """Read `/search/trending`, most wanted first; `score` counts from 0, the most wanted."""
    items = [entry.item for entry in _read_trends(body).coins]
    rows = [
        Trend(
            id=clean_text(item.id),
            symbol=clean_text(item.symbol).upper(),
            name=clean_text(item.name),
            rank=_whole(item.market_cap_rank),
            score=place if item.score is None else item.score,
            image=_image(item.large or item.small or item.thumb),
        )
        for place, item in enumerate(items)
    ]
    kept = sorted((row for row in rows if row.id and row.symbol), key=lambda row: row.score)
    if not kept:
        raise SourceMalformed("nothing is in trend")
    return Trends(tuple(kept), time_ms)


def parse_ohlc(body: bytes, timeframe: str) -> list[PriceBar]:
    """Read `/coins/{id}/ohlc`: timed at close there, 30m (1 or 2 days) or 4h (3 to 30), no volume.

    Raises:
        SourceMalformed: its bars are not of this length.
    """
    step = TIMEFRAME_MS[timeframe]
    bars = [PriceBar(close_ms - step, *prices) for close_ms, *prices in _read_ohlc(body)]
    gaps = {later.open_ms - bar.open_ms for bar, later in pairwise(bars)}
    if not bars or min(gaps, default=step) != step or any(gap % step for gap in gaps):
        raise SourceMalformed(f"no {timeframe} bars")
    for at, o, h, low, c in bars:
        if at % step or not (0 < low <= o <= h and low <= c <= h < math.inf):
            raise SourceMalformed(f"the bar at {at} is no bar")
    return bars


_read_market = wire_decoder(wire.Market)
_read_globals = wire_decoder(wire.Globals)
_read_defi = wire_decoder(wire.Defi)
_read_chart = wire_decoder(wire.Chart)
_read_coins = wire_decoder(list[wire.CoinRow])
_read_rates = wire_decoder(wire.RateTable)
_read_trends = wire_decoder(wire.TrendTable)
_read_ohlc = wire_decoder(list[tuple[int, float, float, float, float]])
_read_failure = wire_decoder(wire.Failure)


def _listing(row: wire.Market) -> Listing | None:
    price = positive(row.current_price)
    wire_id, symbol = clean_text(row.id), clean_text(row.symbol).upper()
    if not (price and wire_id and symbol):
        return None
    change_24h = finite(row.price_change_percentage_24h)
    if change_24h is None:
        change_24h = finite(row.price_change_percentage_24h_in_currency)
    return Listing(
        id=wire_id,
        symbol=symbol,
        name=clean_text(row.name) or symbol,
        rank=_whole(row.market_cap_rank),
        price=price,
        change_1h=finite(row.price_change_percentage_1h_in_currency),
        change_24h=change_24h,
        change_7d=finite(row.price_change_percentage_7d_in_currency),
        volume_24h=amount(row.total_volume),
        market_cap=positive(row.market_cap),
        high_24h=positive(row.high_24h),
        low_24h=positive(row.low_24h),
        circulating_supply=positive(row.circulating_supply),
        total_supply=positive(row.total_supply),
        max_supply=positive(row.max_supply),
        ath=positive(row.ath),
        ath_date=tidy_iso(row.ath_date),
        atl=positive(row.atl),
        atl_date=tidy_iso(row.atl_date),
        image=_image(row.image),
        updated_ms=parse_iso(row.last_updated),
    )


def _whole(value: int | None) -> int | None:
    """A rank or a count: none of them is zero."""
    return value if value and 0 < value < 10**9 else None


def _image(address: str | None) -> str | None:
    """A picture's address; "missing_large.png" stands where there is none."""
    if address is None or not address.startswith("https://") or len(address) > 500:
        return None
    return address if address.isprintable() and " " not in address else None


def _error_code(body: bytes) -> int | None:
    """The code in a refusal, which stands in `status` or in `error.status`."""
    try:
        failure = _read_failure(body)
    except SourceMalformed:
        return None
    boxed = failure.error.status if isinstance(failure.error, wire.Boxed) else None
    status = failure.status or boxed
    return status.error_code if status else None


def _refusal(code: int) -> SourceError:
    """By the codes of "Errors and rate limits": no or a wrong key; not in this plan, too old."""
    if code == 429:
        return SourceThrottled("coingecko: 429", MINUTE)
    if code in (401, 10002, 10010, 10011):
        return NoKey(f"coingecko: {code}")
    if code in (404, 10005, 10012):
        return SourceUnsupported(f"coingecko: {code}")
    return SourceUnavailable(f"coingecko: {code}")


async def _together(
    first: Coroutine[Any, Any, T], *others: Coroutine[Any, Any, S]
) -> tuple[T, list[S]]:
    """Await all at once; the first failure ends the rest and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            head = group.create_task(first)
            tail = [group.create_task(other) for other in others]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return head.result(), [task.result() for task in tail]
