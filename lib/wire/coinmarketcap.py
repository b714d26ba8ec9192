"""CoinMarketCap's market: its table, its totals. https://coinmarketcap.com/api/documentation"""

from typing import Final, TypeVar

from msgspec import Raw, Struct

from lib.assets import clean_text
from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import GlobalStats, Listing, Listings
from lib.wire.coinmarketcap_status import Status, check_status
from lib.wire.iso import parse_iso
from lib.wire.listings import merge_pages
from lib.wire.typed import Count, Number, counted, finite, positive, read_rows, share, wire_decoder
from lib.wire.venues import amount

Q = TypeVar("Q", bound="_InCurrency")
DOLLAR_ID: Final = 2781


def parse_listings(body: bytes, time_ms: int, tag: str | None = None) -> Listings:
    """Read `/v1` and `/v3/cryptocurrency/listings/latest`, best rank first; with a tag, the coins
    that carry it.

    Raises:
        SourceUnsupported: none carries the tag.
    """
    table: _Table = _read_table(body)
    check_status(table.status)
    read = [(row, _listing(row)) for row in read_rows(bytes(table.data), _read_row)]
    if not any(listing for _, listing in read):
        raise SourceMalformed("not one coin with a price")
    kept = [listing for row, listing in read if listing and _carries(row, tag)]
    if not kept:
        raise SourceUnsupported(f"coinmarketcap: no coin is tagged {tag}")
    return merge_pages([Listings(tuple(kept), max(r.updated_ms or 0 for r in kept) or time_ms)])


def parse_globals(body: bytes, time_ms: int) -> GlobalStats:
    """Read `/v1/global-metrics/quotes/latest`; changes are against the same time yesterday."""
    document: _Globals = _read_globals(body)
    check_status(document.status)
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
        dominance={asset: part for asset, percent in shares.items() if (part := share(percent))},
        market_cap_change_24h=finite(sums.total_market_cap_yesterday_percentage_change),
        volume_change_24h=finite(sums.total_volume_24h_yesterday_percentage_change),
        defi_dominance=defi / cap * 100 if defi and defi <= cap else None,
        active_cryptocurrencies=counted(data.active_cryptocurrencies),
        active_markets=counted(data.active_market_pairs),
        active_exchanges=counted(data.active_exchanges),
    )


class _InCurrency(Struct):
    id: Count = None
    symbol: str | None = None
    name: str | None = None
    last_updated: str | None = None


class _Quote(_InCurrency):
    price: Number = None
    volume_24h: Number = None
    percent_change_1h: Number = None
    percent_change_24h: Number = None
    percent_change_7d: Number = None
    market_cap: Number = None


class _Tag(Struct):
    slug: str | None = None


class _Row(Struct):
    slug: str | None = None
    symbol: str | None = None
    name: str | None = None
    cmc_rank: Count = None
    circulating_supply: Number = None
    total_supply: Number = None
    max_supply: Number = None
    tags: list[str | _Tag] | None = None
    quote: dict[str, _Quote] | list[_Quote] | None = None
    last_updated: str | None = None


class _Table(Struct):
    status: Status | None = None
    data: Raw = Raw()


class _Sums(_InCurrency):
    total_market_cap: Number = None
    total_volume_24h: Number = None
    defi_market_cap: Number = None
    total_market_cap_yesterday_percentage_change: Number = None
    total_volume_24h_yesterday_percentage_change: Number = None


class _Totals(Struct):
    active_cryptocurrencies: Count = None
    active_market_pairs: Count = None
    active_exchanges: Count = None
    btc_dominance: Number = None
    eth_dominance: Number = None
    quote: dict[str, _Sums] | list[_Sums] | None = None
    last_updated: str | None = None


class _Globals(Struct):
    status: Status | None = None
    data: _Totals | None = None


_read_table = wire_decoder(_Table)
_read_row = wire_decoder(_Row)
_read_globals = wire_decoder(_Globals)


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
        rank=counted(row.cmc_rank),
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
