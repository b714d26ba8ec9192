"""KuCoin's spot answers. https://www.kucoin.com/docs-new/rest/spot-trading/market-data"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from lib.candles import Bar
from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.market import Book, Exchange, MarketRule, Pair, Ticker, Trade, Trades
from lib.wire.kucoin_names import own_pair
from lib.wire.typed import Count, Number, read_rows, wire_decoder
from lib.wire.venues import (
    Level,
    Nanos,
    Serial,
    Stamp,
    amount,
    build_book,
    build_trades,
    is_halted,
    price,
    signed,
)

CLASS_FEES: Final = {1: 0.001, 2: 0.002, 3: 0.003}
"""What a level-0 user pays for assets of class A, B and C, before a pair's coefficient.
https://www.kucoin.com/vip/privilege/fee, 2026-10."""


class _Answer(Struct):
    code: str
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_answer = wire_decoder(_Answer)


def _data(body: bytes) -> msgspec.Raw:
    answer: _Answer = _answer(body)
    if answer.code != "200000":
        raise _failure(answer)
    if bytes(answer.data) == b"null":
        raise SourceUnsupported("kucoin: no such pair")
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"kucoin: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "429000":
        return SourceThrottled(said)
    if answer.code in ("900001", "400100"):  # no such symbol; no such pair or bar
        return SourceUnsupported(said)
    if answer.code == "400302":  # "unavailable in the U.S."
        return SourceGeoBlocked(said)
    return SourceUnavailable(said)


def refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is KuCoin's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None


class _Ticker(Struct, rename="camel", gc=False):
    symbol: str
    last: Number
    symbol_name: str | None = None
    buy: Number = None
    sell: Number = None
    high: Number = None
    low: Number = None
    change_rate: Number = None
    vol: Number = None
    vol_value: Number = None


class _Tickers(Struct):
    ticker: msgspec.Raw
    time: Stamp = None


_tickers = wire_decoder(_Tickers)
_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v1/market/allTickers`: the change is a fraction, one time stands for all.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    answer: _Tickers = _tickers(_data(body))
    at_ms = answer.time or time_ms
    board = {}
    row: _Ticker
    for row in read_rows(answer.ticker, _ticker):
        pair, last = own_pair(row.symbol_name or row.symbol), price(row.last)
        bid, ask = price(row.buy), price(row.sell)
        volume, base_volume = amount(row.vol_value), amount(row.vol)
        if not pair or not last or is_halted(bid, ask, volume, base_volume):
            continue
        rate = signed(row.change_rate)
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=at_ms,
            bid=bid,
            ask=ask,
            high=price(row.high),
            low=price(row.low),
            # four decimals come: rounding takes off what binary fractions add
            change_percent=None if rate is None else signed(round(rate * 100, 8)),
            volume=volume,
            base_volume=base_volume,
        )
    if not board:
        raise SourceMalformed("kucoin: no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_s: Annotated[int, Meta(gt=0, lt=10**10)]
    open: float
    close: float
    high: float
    low: float
    volume: float
    turnover: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v1/market/candles`: newest first, close before high, timed in seconds."""
    return [
        Bar(
            row.open_s * 1000,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            amount(row.turnover),
        )
        for row in _bars(_data(body))
    ]


class _Book(Struct):
    bids: list[Level] | None
    asks: list[Level] | None
    time: Stamp = None


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v1/market/orderbook/level2_100`, whose asks may come worst first."""
    book: _Book = _book(_data(body))
    if book.bids is None and book.asks is None:
        raise SourceUnsupported("kucoin: no such book")
    return build_book(pair, book.bids or (), book.asks or (), book.time or time_ms)


class _Trade(Struct, gc=False):
    sequence: Serial
    price: float
    size: float
    side: Literal["buy", "sell"]
    time: Nanos


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v1/market/histories`, timed in nanoseconds."""
    rows = (
        Trade(str(row.sequence), row.time // 1_000_000, row.price, row.size, row.side)
        for row in read_rows(_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Symbol(Struct, rename="camel", gc=False):
    base_currency: str
    quote_currency: str
    enable_trading: bool
    name: str | None = None
    base_min_size: Number = None
    base_max_size: Number = None
    fee_category: Count = None
    maker_fee_coefficient: Number = None
    taker_fee_coefficient: Number = None


_symbol = wire_decoder(_Symbol)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v2/symbols`, which says no time and no limit of price. A pair's own name is
    in `name`: the symbol and, since v2, the currencies may be former ones.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(_data(body), _symbol) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("kucoin: no pair is listed")
    return Exchange("kucoin", rules, time_ms)


def _rule(row: _Symbol) -> MarketRule | None:
    pair = own_pair(row.name or f"{row.base_currency}-{row.quote_currency}")
    if not pair:
        return None
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.enable_trading,
        min_amount=price(row.base_min_size),
        max_amount=price(row.base_max_size),
        maker_fee=_fee(row.fee_category, row.maker_fee_coefficient),
        taker_fee=_fee(row.fee_category, row.taker_fee_coefficient),
    )


def _fee(category: Count, coefficient: Number) -> float | None:
    share, fee = amount(coefficient), CLASS_FEES.get(category or 0)
    return None if share is None or fee is None else round(fee * share, 8)
