"""KuCoin's spot answers. https://www.kucoin.com/docs-new/rest/spot-trading/market-data"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lib.candles import Bar
from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import Book, Pair, Ticker, Trade, Trades
from lib.wire.kucoin_answer import read_data
from lib.wire.kucoin_names import own_pair
from lib.wire.typed import Number, read_rows, wire_decoder
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
    answer: _Tickers = _tickers(read_data(body))
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
        for row in _bars(read_data(body))
    ]


class _Book(Struct):
    bids: list[Level] | None
    asks: list[Level] | None
    time: Stamp = None


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v1/market/orderbook/level2_100`, whose asks may come worst first."""
    book: _Book = _book(read_data(body))
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
        for row in read_rows(read_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)
