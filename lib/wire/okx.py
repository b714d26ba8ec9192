"""OKX's spot answers, API v5. https://www.okx.com/docs-v5/en/#order-book-trading-market-data"""

from typing import Literal

from msgspec import Struct, field

from lib.candles import Bar
from lib.errors import SourceMalformed
from lib.market import Book, Pair, Ticker, Trade, Trades
from lib.wire.okx_answer import read_data
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
    read_pair,
    signed,
)


class _Ticker(Struct, rename="camel", gc=False):
    inst_id: str
    last: Number
    ts: Stamp = None
    ask_px: Number = None
    bid_px: Number = None
    open24h: Number = None
    high24h: Number = None
    low24h: Number = None
    vol24h: Number = None
    vol_ccy24h: Number = field(name="volCcy24h", default=None)


_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v5/market/tickers` of spot pairs; of the change only the open is told.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    board = {}
    row: _Ticker
    for row in read_rows(read_data(body), _ticker):
        base, _, quote = row.inst_id.partition("-")
        pair, last = read_pair(base, quote), price(row.last)
        bid, ask = price(row.bid_px), price(row.ask_px)
        volume, base_volume = amount(row.vol_ccy24h), amount(row.vol24h)
        if not pair or not last or is_halted(bid, ask, volume, base_volume):
            continue
        first = price(row.open24h)
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=row.ts or time_ms,
            bid=bid,
            ask=ask,
            high=price(row.high24h),
            low=price(row.low24h),
            change_percent=signed((last - first) / first * 100) if first else None,
            volume=volume,
            base_volume=base_volume,
        )
    if not board:
        raise SourceMalformed("okx: no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_ms: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v5/market/candles`: newest first; spot pairs count in base, then in quote."""
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
        for row in _bars(read_data(body))
    ]


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    ts: Stamp = None


_books = wire_decoder(list[_Book])


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v5/market/books`: a list of one book.

    Raises:
        SourceMalformed: it is not one book, or not a sound one.
    """
    books: list[_Book] = _books(read_data(body))
    if len(books) != 1:
        raise SourceMalformed(f"okx: {len(books)} books where one was asked")
    book = books[0]
    return build_book(pair, book.bids, book.asks, book.ts or time_ms)


class _Trade(Struct, rename="camel", gc=False):
    trade_id: Serial
    px: float
    sz: float
    side: Literal["buy", "sell"]
    ts: Millis


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v5/market/trades`: newest first, `side` the taker's."""
    rows = (
        Trade(str(row.trade_id), row.ts, row.px, row.sz, row.side)
        for row in read_rows(read_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)
