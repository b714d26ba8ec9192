"""CoinMarketCap: market table, totals, fear and greed, with or without a key.
https://coinmarketcap.com/api/documentation"""

import asyncio
from collections.abc import Mapping
from typing import Final, TypeVar

from msgspec import Raw, Struct

from lib.assets import clean_text
from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.feeds import GLOBALS, LISTINGS, MOODS
from lib.market import GlobalStats, Listing, Listings
from lib.moods import build_history, read_mood
from lib.news import Mood, MoodHistory
from lib.providers.base import MINUTE, MONTH, Limit, Provider, serves
from lib.queries import Everything, ListQuery
from lib.units import UnixMs
from lib.wire.iso import parse_iso, read_seconds
from lib.wire.listings import merge_pages
from lib.wire.typed import finite, positive, wire_decoder
from lib.wire.venues import amount, read_rows

Q = TypeVar("Q", bound="_InCurrency")

HOUR, DAY = 3600.0, 86400.0
DOLLAR_ID: Final = 2781
TAGS: Final = {"all": None, "defi": "defi", "nft": "collectibles-nfts", "meme": "memes"}
PAUSES_S: Final = {429: MINUTE, 1008: MINUTE, 1011: MINUTE, 1009: HOUR, 1010: DAY, 1015: DAY}
"""How long to wait after a refusal: for the minute's limit, the day's, the month's."""
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
        code = _error_code(body) or (status if status in (401, 402, 404, 429) else 0)
        if code in PAUSES_S and PAUSES_S[code] == MINUTE and "retry-after" in headers:
            super().refuse(429, headers, body)
        if code:
            raise _refusal(code)
        super().refuse(status, headers, body)


def parse_listings(body: bytes, time_ms: int, tag: str | None = None) -> Listings:
    """Read `/v1` and `/v3/cryptocurrency/listings/latest`, best rank first; with a tag, the coins
    that carry it.

    Raises:
        SourceUnsupported: none carries the tag.
    """
    table = _read_table(body)
    _check(table.status)
    read = [(row, _listing(row)) for row in read_rows(bytes(table.data), _read_row)]
    if not any(listing for _, listing in read):
        raise SourceMalformed("not one coin with a price")
    kept = [listing for row, listing in read if listing and _carries(row, tag)]
    if not kept:
        raise SourceUnsupported(f"coinmarketcap: no coin is tagged {tag}")
    return merge_pages([Listings(tuple(kept), max(r.updated_ms or 0 for r in kept) or time_ms)])


def parse_globals(body: bytes, time_ms: int) -> GlobalStats:
    """Read `/v1/global-metrics/quotes/latest`; changes are against the same time yesterday."""
    document = _read_globals(body)
    _check(document.status)
    data = document.data
    sums = _in_dollars(data.quote) if data else None
    cap = positive(sums.total_market_cap) if sums else None
    volume = positive(sums.total_volume_24h) if sums else None
    if data is None or sums is None or cap is None or volume is None:
        raise SourceMalformed("no totals in dollars")
    shares = {"BTC": data.btc_dominance, "ETH": data.eth_dominance}
    defi = positive(sums.defi_market_cap)
    return GlobalStats(
        time_ms=parse_iso(sums.last_updated) or parse_iso(data.last_updated) or time_ms,
        total_market_cap=cap,
        total_volume_24h=volume,
        dominance={asset: share for asset, share in shares.items() if share and 0 < share <= 100},
        market_cap_change_24h=finite(sums.total_market_cap_yesterday_percentage_change),
        volume_change_24h=finite(sums.total_volume_24h_yesterday_percentage_change),
        defi_dominance=defi / cap * 100 if defi and defi <= cap else None,
        active_cryptocurrencies=_whole(data.active_cryptocurrencies),
        active_markets=_whole(data.active_market_pairs),
        active_exchanges=_whole(data.active_exchanges),
    )


def parse_mood(body: bytes) -> Mood:
    """Read `/v3/fear-and-greed/latest`."""
    document = _read_mood(body)
    _check(document.status)
    if document.data is None:
        raise SourceMalformed("no index")
    row = document.data
    return read_mood(row.value, parse_iso(row.update_time), row.value_classification)


def parse_moods(body: bytes) -> list[Mood]:
    """Read `/v3/fear-and-greed/historical`, newest first: times are Unix seconds in a string."""
    document = _read_moods(body)
    _check(document.status)
    return [
        read_mood(row.value, _time(row.timestamp), row.value_classification)
        for row in document.data or ()
    ]


class _Status(Struct):
    error_code: int | None = None  # a string in some answers


class _InCurrency(Struct):
    id: int | None = None
    symbol: str | None = None
    name: str | None = None
    last_updated: str | None = None


class _Quote(_InCurrency):
    price: float | None = None
    volume_24h: float | None = None
    percent_change_1h: float | None = None
    percent_change_24h: float | None = None
    percent_change_7d: float | None = None
    market_cap: float | None = None


class _Tag(Struct):
    slug: str | None = None


class _Row(Struct):
    slug: str | None = None
    symbol: str | None = None
    name: str | None = None
    cmc_rank: int | None = None
    circulating_supply: float | None = None
    total_supply: float | None = None
    max_supply: float | None = None
    tags: list[str | _Tag] | None = None
    quote: dict[str, _Quote] | list[_Quote] | None = None
    last_updated: str | None = None


class _Table(Struct):
    status: _Status | None = None
    data: Raw = Raw()


class _Sums(_InCurrency):
    total_market_cap: float | None = None
    total_volume_24h: float | None = None
    defi_market_cap: float | None = None
    total_market_cap_yesterday_percentage_change: float | None = None
    total_volume_24h_yesterday_percentage_change: float | None = None


class _Totals(Struct):
    active_cryptocurrencies: int | None = None
    active_market_pairs: int | None = None
    active_exchanges: int | None = None
    btc_dominance: float | None = None
    eth_dominance: float | None = None
    quote: dict[str, _Sums] | list[_Sums] | None = None
    last_updated: str | None = None


class _Globals(Struct):
    status: _Status | None = None
    data: _Totals | None = None


class _MoodRow(Struct):
    value: float
    value_classification: str | None = None
    update_time: str | None = None
    timestamp: str | int | None = None


class _MoodNow(Struct):
    status: _Status | None = None
    data: _MoodRow | None = None


class _MoodDays(Struct):
    status: _Status | None = None
    data: list[_MoodRow] | None = None


class _Failure(Struct):
    status: _Status


_read_table = wire_decoder(_Table)
_read_row = wire_decoder(_Row)
_read_globals = wire_decoder(_Globals)
_read_mood = wire_decoder(_MoodNow)
_read_moods = wire_decoder(_MoodDays)
_read_failure = wire_decoder(_Failure)


def _listing(row: _Row) -> Listing | None:
    quote = _in_dollars(row.quote)
    price = positive(quote.price) if quote else None
    wire_id, symbol = clean_text(row.slug), clean_text(row.symbol).upper()
    if quote is None or price is None or not (wire_id and symbol):
        return None
    return Listing(
        id=wire_id,
        symbol=symbol,
        name=clean_text(row.name) or symbol,
        rank=_whole(row.cmc_rank),
        price=price,
        change_1h=finite(quote.percent_change_1h),
        change_24h=finite(quote.percent_change_24h),
        change_7d=finite(quote.percent_change_7d),
        volume_24h=amount(quote.volume_24h),
        market_cap=positive(quote.market_cap),
        circulating_supply=positive(row.circulating_supply),
        total_supply=positive(row.total_supply),
        max_supply=positive(row.max_supply),
        updated_ms=parse_iso(quote.last_updated) or parse_iso(row.last_updated),
    )


def _in_dollars(quote: dict[str, Q] | list[Q] | None) -> Q | None:
    """The dollar's quote: under its symbol, or under its id when it was asked for by id, or a row
    that says so (`/v3`)."""
    if isinstance(quote, dict):
        return quote.get("USD") or quote.get(str(DOLLAR_ID))
    return next((q for q in quote or () if q.id == DOLLAR_ID or "USD" in (q.symbol, q.name)), None)


def _carries(row: _Row, tag: str | None) -> bool:
    slugs = (t.slug if isinstance(t, _Tag) else t for t in row.tags or ())
    return tag is None or tag in slugs


def _whole(value: int | None) -> int | None:
    """A rank or a count: none of them is zero."""
    return value if value and 0 < value < 10**9 else None


def _time(stated: str | int | None) -> UnixMs | None:
    text = str(stated or "")
    return read_seconds(int(text)) if text.isdecimal() and len(text) < 16 else parse_iso(text)


def _check(status: _Status | None) -> None:
    if status and status.error_code:
        raise _refusal(status.error_code)


def _error_code(body: bytes) -> int:
    try:
        return _read_failure(body).status.error_code or 0
    except SourceMalformed:
        return 0


def _refusal(code: int) -> SourceError:
    """By the codes of "Errors and rate limits": 1001 to 1007 are about the key and its plan."""
    if code in PAUSES_S:
        return SourceThrottled(f"coinmarketcap: {code}", PAUSES_S[code])
    if code in (401, 402) or 1001 <= code <= 1007:
        return NoKey(f"coinmarketcap: {code}")
    if code == 400:
        return SourceUnsupported("coinmarketcap: 400")
    return SourceUnavailable(f"coinmarketcap: {code}")
