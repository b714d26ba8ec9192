"""Binance's spot answers. https://developers.binance.com/docs/binance-spot-api-docs/rest-api"""

from msgspec import Struct

from lib.candles import Bar
from lib.errors import SourceMalformed
from lib.market import Book, Pair, Ticker, Trade, Trades
from lib.wire.binance_names import split_symbols
from lib.wire.typed import Number, read_rows, wire_decoder
from lib.wire.venues import (
    Level,
    Millis,
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
    last_price: Number
    close_time: Stamp = None
    bid_price: Number = None
    ask_price: Number = None
    high_price: Number = None
    low_price: Number = None
    price_change_percent: Number = None
    volume: Number = None
    quote_volume: Number = None


_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v3/ticker/24hr` of all symbols.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    rows: list[_Ticker] = read_rows(body, _ticker)
    pairs = split_symbols(row.symbol for row in rows)
    board = {}
    for row in rows:
        pair, last = pairs.get(row.symbol), price(row.last_price)
        bid, ask = price(row.bid_price), price(row.ask_price)
        volume, base_volume = amount(row.quote_volume), amount(row.volume)
        if not pair or not last or is_halted(bid, ask, volume, base_volume):
            continue
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=row.close_time or time_ms,
            bid=bid,
            ask=ask,
            high=price(row.high_price),
            low=price(row.low_price),
            change_percent=signed(row.price_change_percent),
            volume=volume,
            base_volume=base_volume,
        )
    if not board:
        raise SourceMalformed("no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_ms: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    close_ms: int | None = None
    quote_volume: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v3/klines`: oldest first, timed at open, volumes in both assets."""
    return [
        Bar(
            row.open_ms,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            amount(row.quote_volume),
        )
        for row in _bars(body)
    ]


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v3/depth`, which says no time."""
    book: _Book = _book(body)
    return build_book(pair, book.bids, book.asks, time_ms)


class _Trade(Struct, rename="camel", gc=False):
    id: Serial
    time: Millis
    price: float
    qty: float
    is_buyer_maker: bool


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v3/trades`. Where the buyer was the maker, the taker sold."""
    rows = (
        Trade(str(row.id), row.time, row.price, row.qty, "sell" if row.is_buyer_maker else "buy")
        for row in read_rows(body, _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Error(Struct):
    code: int


_error = wire_decoder(_Error)


def error_code(body: bytes) -> int | None:
    """The number that Binance puts into its errors; `None` if this is none of them."""
    try:
        return int(_error(body).code)
    except SourceMalformed:
        return None
