"""The market table: slow facts of an aggregator under fast prices of a venue, row by row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from msgspec import Struct

from lib.clock import iso_utc
from lib.feeds import DAY, TICKERS
from lib.market import DOLLARS, Listing, Ticker
from lib.units import BaseAmount, IsoDate, IsoTime, Money, Percent
from lib.views.dust import times

PRICES: Final = replace(TICKERS, fresh_s=60, stale_s=600, keep_s=DAY)
"""A venue's tickers, as young as a table needs them."""

NOT_THE_SAME: Final = 0.25
"""A venue's price further than this share from the aggregator's is that of another coin."""


class MarketRow(Struct, kw_only=True):
    """One coin. Money is in the reply's currency; `null` is unknown, never zero."""

    id: str
    symbol: str
    name: str
    rank: int | None
    price: Money | None
    change_24h: Percent | None
    change_7d: Percent | None
    volume_24h: Money | None
    market_cap: Money | None
    circulating_supply: BaseAmount | None
    total_supply: BaseAmount | None
    max_supply: BaseAmount | None
    ath: Money | None
    ath_date: IsoDate | None
    atl: Money | None
    atl_date: IsoDate | None
    high_24h: Money | None
    low_24h: Money | None
    change_1h: Percent | None
    image: str | None
    last_updated: IsoTime


def build_rows(
    listings: Iterable[Listing], tickers: Mapping[str, Ticker] | None, rate: float, as_of_ms: int
) -> list[MarketRow]:
    """Compose rows, best rank first. Price, change and range come from the ticker of the first
    coin of each symbol, if its price is near the aggregator's; volume stays global.

    Args:
        rate: what a US dollar is worth in the reply's currency.
        as_of_ms: when the tickers were read.
    """
    seen: set[str] = set()
    rows = []
    for listing in listings:
        ticker = None if listing.symbol in seen else _ticker(listing, tickers)
        seen.add(listing.symbol)
        rows.append(_row(listing, ticker, rate, as_of_ms))
    return rows


def _ticker(listing: Listing, tickers: Mapping[str, Ticker] | None) -> Ticker | None:
    if not tickers or listing.symbol in DOLLARS:
        return None
    found = next(
        (
            tickers[key]
            for key in (f"{listing.symbol}/{quote}" for quote in ("USDT", "USD", "USDC"))
            if key in tickers
        ),
        None,
    )
    if found and listing.price and abs(found.last / listing.price - 1) > NOT_THE_SAME:
        return None
    return found


def _row(listing: Listing, ticker: Ticker | None, rate: float, as_of_ms: int) -> MarketRow:
    price = ticker.last if ticker else listing.price
    cap = listing.market_cap
    if ticker and listing.circulating_supply:
        cap = ticker.last * listing.circulating_supply
    updated_ms = as_of_ms if ticker else listing.updated_ms or as_of_ms
    return MarketRow(
        id=listing.id,
        symbol=listing.symbol,
        name=listing.name,
        rank=listing.rank,
        price=_times(price, rate),
        change_24h=_first(ticker.change_percent if ticker else None, listing.change_24h),
        change_7d=listing.change_7d,
        volume_24h=_times(listing.volume_24h, rate),
        market_cap=_times(cap, rate),
        circulating_supply=listing.circulating_supply,
        total_supply=listing.total_supply,
        max_supply=listing.max_supply,
        ath=_times(listing.ath, rate),
        ath_date=listing.ath_date,
        atl=_times(listing.atl, rate),
        atl_date=listing.atl_date,
        high_24h=_times(_first(ticker.high if ticker else None, listing.high_24h), rate),
        low_24h=_times(_first(ticker.low if ticker else None, listing.low_24h), rate),
        change_1h=listing.change_1h,
        image=listing.image,
        last_updated=iso_utc(updated_ms),
    )


def _first(one: float | None, other: float | None) -> float | None:
    return other if one is None else one


def _times(value: float | None, rate: float) -> float | None:
    return None if value is None else times(value, rate)


ORDERS: dict[str, Callable[[MarketRow], float | None]] = {
    "rank": lambda row: row.rank and -row.rank,
    "market_cap": lambda row: row.market_cap,
    "volume": lambda row: row.volume_24h,
    "price": lambda row: row.price,
    "price_change": lambda row: row.change_24h,
}
"""What rows can be sorted by: each key gives the larger value to what comes first."""


def sort_rows(rows: Sequence[MarketRow], by: str, *, ascending: bool = False) -> list[MarketRow]:
    """Sort; rows that lack the value come last, whichever the direction. Ranks always begin with
    the best: the first place is the smallest number and the largest coin."""
    key = ORDERS[by]
    known = [(value, row) for row in rows if (value := key(row)) is not None]
    unknown = [row for row in rows if key(row) is None]
    ranked = sorted(known, key=lambda pair: pair[0], reverse=by == "rank" or not ascending)
    return [row for _, row in ranked] + unknown
