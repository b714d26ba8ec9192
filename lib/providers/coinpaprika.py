"""CoinPaprika: market table, totals, coins; no key. https://docs.coinpaprika.com"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from lib.assets import clean_text
from lib.errors import SourceMalformed, SourceThrottled, SourceUnavailable, SourceUnsupported
from lib.feeds import COINS, GLOBALS, LISTINGS
from lib.market import Coin, Coins, GlobalStats, Listing, Listings
from lib.providers.base import MONTH, Limit, Provider, serves
from lib.queries import Everything, ListQuery
from lib.wire.iso import parse_iso, read_seconds, tidy_iso
from lib.wire.listings import merge_pages
from lib.wire.typed import Count, Number, counted, finite, positive, read_rows, share, wire_decoder
from lib.wire.venues import amount

QUOTA_PAUSE_S: Final = 3600.0  # after 402: the month's calls are spent, or the plan changed


class CoinPaprika(Provider):
    """Prices over all exchanges, in US dollars: one call has every coin of the free plan."""

    name = "coinpaprika"
    base_url = "https://api.coinpaprika.com"
    limits = (Limit(10, 1.0), Limit(20_000, MONTH))
    attribution = "Data provided by CoinPaprika (https://coinpaprika.com)"
    terms = "Free plan: personal and non-commercial use only."

    @serves(LISTINGS)
    async def listings(self, query: ListQuery) -> Listings:
        """Best rank first; lows, day ranges and the circulating supply are not given.

        Raises:
            SourceUnsupported: any category, since rows do not say theirs.
        """
        if query.category != "all":
            raise SourceUnsupported("coinpaprika: no categories")
        payload = await self.get("/v1/tickers", quotes="USD")
        table = await self.decode(parse_listings, payload, payload.time_ms)
        return Listings(table.rows[: 250 * query.pages], table.time_ms)

    @serves(GLOBALS)
    async def globals(self, query: Everything) -> GlobalStats:  # noqa: ARG002 - only one question
        """The whole market; of the shares only bitcoin's is given."""
        payload = await self.get("/v1/global")
        return await self.decode(parse_globals, payload, payload.time_ms)

    @serves(COINS)
    async def coins(self, query: Everything) -> Coins:  # noqa: ARG002 - only one question
        """Every active coin, best rank first."""
        payload = await self.get("/v1/coins")
        return await self.decode(parse_coins, payload, payload.time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if status == 402:
            raise SourceThrottled("coinpaprika: 402", QUOTA_PAUSE_S)
        if status == 404:
            raise SourceUnavailable("coinpaprika: 404")
        super().refuse(status, headers, body)


def parse_listings(body: bytes, time_ms: int) -> Listings:
    """Read `/v1/tickers`, best rank first; a rank or a maximum of 0 means that there is none."""
    rows = [row for row in map(_listing, read_rows(body, _read_ticker)) if row]
    if not rows:
        raise SourceMalformed("not one coin with a price")
    return merge_pages([Listings(tuple(rows), max(r.updated_ms or 0 for r in rows) or time_ms)])


def parse_globals(body: bytes, time_ms: int) -> GlobalStats:
    """Read `/v1/global`; `last_updated` is in seconds."""
    data: _Globals = _read_globals(body)
    cap, volume = positive(data.market_cap_usd), positive(data.volume_24h_usd)
    part = share(data.bitcoin_dominance_percentage)
    if cap is None or volume is None:
        raise SourceMalformed("no totals")
    return GlobalStats(
        time_ms=read_seconds(positive(data.last_updated)) or time_ms,
        total_market_cap=cap,
        total_volume_24h=volume,
        dominance={"BTC": part} if part else {},
        market_cap_change_24h=finite(data.market_cap_change_24h),
        volume_change_24h=finite(data.volume_24h_change_24h),
        active_cryptocurrencies=counted(data.cryptocurrencies_number),
    )


def parse_coins(body: bytes, time_ms: int) -> Coins:
    """Read `/v1/coins`: active coins, those with a rank first."""
    active = [row for row in _read_coins(body) if row.is_active is not False]
    active.sort(key=lambda row: counted(row.rank) or 10**9)
    rows = (
        Coin(clean_text(row.id), clean_text(row.symbol).upper(), clean_text(row.name))
        for row in active
    )
    kept = tuple(row for row in rows if row.id and row.symbol)
    if not kept:
        raise SourceMalformed("not one coin")
    return Coins(kept, time_ms)


class _Quote(Struct):
    price: Number = None
    volume_24h: Number = None
    market_cap: Number = None
    percent_change_1h: Number = None
    percent_change_24h: Number = None
    percent_change_7d: Number = None
    ath_price: Number = None
    ath_date: str | None = None


class _CoinRow(Struct):
    id: str | None = None
    symbol: str | None = None
    name: str | None = None
    rank: Count = None
    is_active: bool | None = None


class _Ticker(_CoinRow):
    circulating_supply: float | None = None  # older answers have it
    total_supply: Number = None
    max_supply: Number = None
    last_updated: str | None = None
    quotes: dict[str, _Quote] | None = None


class _Globals(Struct):
    market_cap_usd: Number = None
    volume_24h_usd: Number = None
    bitcoin_dominance_percentage: Number = None
    cryptocurrencies_number: Count = None
    market_cap_change_24h: Number = None
    volume_24h_change_24h: Number = None
    last_updated: Number = None


_read_ticker = wire_decoder(_Ticker)
_read_globals = wire_decoder(_Globals)
_read_coins = wire_decoder(list[_CoinRow])


def _listing(row: _Ticker) -> Listing | None:
    quote = (row.quotes or {}).get("USD")
    price = positive(quote.price) if quote else None
    wire_id, symbol = clean_text(row.id), clean_text(row.symbol).upper()
    if quote is None or price is None or not (wire_id and symbol):
        return None
    return Listing(
        id=wire_id,
        symbol=symbol,
        name=clean_text(row.name) or symbol,
        rank=counted(row.rank),
        price=price,
        change_1h=finite(quote.percent_change_1h),
        change_24h=finite(quote.percent_change_24h),
        change_7d=finite(quote.percent_change_7d),
        volume_24h=amount(quote.volume_24h),
        market_cap=positive(quote.market_cap),
        circulating_supply=positive(row.circulating_supply),
        total_supply=positive(row.total_supply),
        max_supply=positive(row.max_supply),
        ath=positive(quote.ath_price),
        ath_date=tidy_iso(quote.ath_date),
        updated_ms=parse_iso(row.last_updated),
    )
