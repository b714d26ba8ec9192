"""CoinGecko's lists: every coin, what is searched for, other money. https://docs.coingecko.com"""

import re
from typing import Final

from msgspec import Raw, Struct

from lib.assets import clean_text
from lib.errors import SourceMalformed
from lib.market import DOLLARS, Coin, Coins, Rates, Trend, Trends
from lib.wire.typed import Count, Number, counted, https_link, positive, read_rows, wire_decoder

_CODE: Final = re.compile(r"[A-Za-z0-9]{2,10}")


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


def parse_rates(body: bytes, time_ms: int) -> Rates:
    """Read `/exchange_rates`, which says what one bitcoin is worth; only money is kept."""
    table: _RateTable = _read_rates(body)
    rates = table.rates
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
    table: _TrendTable = _read_trends(body)
    items = [entry.item for entry in read_rows(table.coins, _read_trend)]
    rows = [
        Trend(
            id=clean_text(item.id),
            symbol=clean_text(item.symbol).upper(),
            name=clean_text(item.name),
            rank=counted(item.market_cap_rank),
            score=item.score if isinstance(item.score, int) else place,
            image=https_link(item.large or item.small or item.thumb),
        )
        for place, item in enumerate(items)
    ]
    kept = sorted((row for row in rows if row.id and row.symbol), key=lambda row: row.score)
    if not kept:
        raise SourceMalformed("nothing is in trend")
    return Trends(tuple(kept), time_ms)


class _CoinRow(Struct):
    id: str | None = None
    symbol: str | None = None
    name: str | None = None


class _Rate(Struct):
    value: Number = None
    type: str | None = None


class _RateTable(Struct):
    rates: dict[str, _Rate]


class _Trending(_CoinRow):
    market_cap_rank: Count = None
    score: Count = None
    thumb: str | None = None
    small: str | None = None
    large: str | None = None


class _TrendEntry(Struct):
    item: _Trending


class _TrendTable(Struct):
    coins: Raw


_read_coins = wire_decoder(list[_CoinRow])
_read_rates = wire_decoder(_RateTable)
_read_trends = wire_decoder(_TrendTable)
_read_trend = wire_decoder(_TrendEntry)
