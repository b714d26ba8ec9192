"""CoinGecko's market: its table, its totals. https://docs.coingecko.com

Any field may be null or absent where its type says so; whatever else is in the documents is
skipped.
"""

from msgspec import Struct

from lib.assets import clean_text
from lib.errors import SourceMalformed
from lib.market import GlobalStats, Listing, Listings
from lib.wire.iso import parse_iso, read_seconds, tidy_iso
from lib.wire.listings import merge_pages
from lib.wire.typed import (
    Count,
    Number,
    counted,
    finite,
    https_link,
    positive,
    read_rows,
    share,
    wire_decoder,
)
from lib.wire.venues import amount


def parse_listings(body: bytes, time_ms: int) -> Listings:
    """Read `/coins/markets`, best rank first; a coin without a price (renamed away) is left out."""
    rows = [row for row in map(_listing, read_rows(body, _read_market)) if row]
    if not rows:
        raise SourceMalformed("not one coin with a price")
    return merge_pages([Listings(tuple(rows), max(r.updated_ms or 0 for r in rows) or time_ms)])


def parse_globals(body: bytes, time_ms: int) -> GlobalStats:
    """Read `/global`; `markets` counts exchanges there, and what changed is in US dollars."""
    data: _Totals = _read_globals(body).data
    cap = positive(data.total_market_cap.usd)
    volume = positive(data.total_volume.usd)
    shares = {
        clean_text(asset, 20).upper(): part
        for asset, percent in data.market_cap_percentage.items()
        if (part := share(percent))
    }
    if cap is None or volume is None or not shares:
        raise SourceMalformed("no totals")
    return GlobalStats(
        time_ms=read_seconds(positive(data.updated_at)) or time_ms,
        total_market_cap=cap,
        total_volume_24h=volume,
        dominance=shares,
        market_cap_change_24h=finite(data.market_cap_change_percentage_24h_usd),
        volume_change_24h=finite(data.volume_change_percentage_24h_usd),
        active_cryptocurrencies=counted(data.active_cryptocurrencies),
        active_exchanges=counted(data.markets),
    )


def parse_defi_dominance(body: bytes) -> float | None:
    """Read `/global/decentralized_finance_defi`: DeFi's share of all market caps, in percent."""
    found: _Defi = _read_defi(body)
    return share(found.data.defi_dominance)


def error_code(body: bytes) -> int | None:
    """The code in a refusal, which stands in `status` or in `error.status`."""
    try:
        failure: _Failure = _read_failure(body)
    except SourceMalformed:
        return None
    boxed = failure.error.status if isinstance(failure.error, _Boxed) else None
    status = failure.status or boxed
    return counted(status.error_code) if status else None


class _Market(Struct):
    id: str | None = None
    symbol: str | None = None
    name: str | None = None
    image: str | None = None
    current_price: Number = None
    market_cap: Number = None
    market_cap_rank: Count = None
    total_volume: Number = None
    high_24h: Number = None
    low_24h: Number = None
    price_change_percentage_24h: Number = None
    price_change_percentage_1h_in_currency: Number = None
    price_change_percentage_24h_in_currency: Number = None
    price_change_percentage_7d_in_currency: Number = None
    circulating_supply: Number = None
    total_supply: Number = None
    max_supply: Number = None
    ath: Number = None
    ath_date: str | None = None
    atl: Number = None
    atl_date: str | None = None
    last_updated: str | None = None


class _Usd(Struct):
    usd: Number = None


class _Totals(Struct):
    total_market_cap: _Usd
    total_volume: _Usd
    market_cap_percentage: dict[str, Number]
    market_cap_change_percentage_24h_usd: Number = None
    volume_change_percentage_24h_usd: Number = None
    active_cryptocurrencies: Count = None
    markets: Count = None
    updated_at: Number = None


class _Globals(Struct):
    data: _Totals


class _DefiTotals(Struct):
    defi_dominance: Number = None


class _Defi(Struct):
    data: _DefiTotals


class _Status(Struct):
    error_code: Count = None


class _Boxed(Struct):
    status: _Status | None = None


class _Failure(Struct):
    status: _Status | None = None
    error: _Boxed | str | None = None


_read_market = wire_decoder(_Market)
_read_globals = wire_decoder(_Globals)
_read_defi = wire_decoder(_Defi)
_read_failure = wire_decoder(_Failure)


def _listing(row: _Market) -> Listing | None:
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
        rank=counted(row.market_cap_rank),
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
        image=https_link(row.image),  # "missing_large.png" where there is none
        updated_ms=parse_iso(row.last_updated),
    )
