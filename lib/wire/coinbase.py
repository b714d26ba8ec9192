"""Coinbase Exchange's answers. https://docs.cdp.coinbase.com/exchange/introduction/welcome"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from lib.candles import Bar, build_candles, resample
from lib.errors import SourceMalformed
from lib.market import Book, Candles, Pair, Ticker, Trade, Trades
from lib.queries import CandleQuery
from lib.wire.iso import parse_iso
from lib.wire.typed import Number, read_rows, wire_decoder
from lib.wire.venues import (
    Level,
    Serial,
    amount,
    build_book,
    build_trades,
    price,
    signed,
)

MADE_OF: Final = {"30m": "15m", "4h": "1h", "1w": "1d"}
"""Time frames that Coinbase lacks, and what they are added up from."""
DEEPEST: Final = 100  # levels of a book


class _Ticker(Struct):
    price: Number
    bid: Number = None
    ask: Number = None
    volume: Number = None  # base, last 24 hours
    time: str | None = None  # of the last trade, down to nanoseconds


_ticker = wire_decoder(_Ticker)


class Stats(Struct):
    """A product's last 24 hours."""

    open: Number = None
    high: Number = None
    low: Number = None


_stats = wire_decoder(Stats)


def parse_stats(body: bytes) -> Stats:
    """Read `GET /products/{id}/stats`."""
    stats: Stats = _stats(body)
    return stats


def parse_ticker(body: bytes, pair: Pair, time_ms: int, day: Stats | None = None) -> Ticker:
    """Read `GET /products/{id}/ticker`, with the statistics of the day if they came too.

    Raises:
        SourceMalformed: there is no price.
    """
    row: _Ticker = _ticker(body)
    last = price(row.price)
    if last is None:
        raise SourceMalformed(f"coinbase: {pair} has no price")
    day = day or Stats()
    opened = price(day.open)
    return Ticker(
        pair=pair,
        last=last,
        time_ms=parse_iso(row.time) or time_ms,
        bid=price(row.bid),
        ask=price(row.ask),
        high=price(day.high),
        low=price(day.low),
        change_percent=signed((last - opened) / opened * 100) if opened else None,
        base_volume=amount(row.volume),
    )


class _Bar(Struct, array_like=True):
    time_s: int
    low: float
    high: float
    open: float
    close: float
    volume: float


_decode_bars = wire_decoder(list[_Bar])


def parse_candles(bodies: Sequence[bytes], query: CandleQuery, time_ms: int) -> Candles:
    """Read pages of `GET /products/{id}/candles`, newest first; bars without a trade are absent."""
    bars = [
        Bar(row.time_s * 1000, row.open, row.high, row.low, row.close, row.volume)
        for body in bodies
        for row in _decode_bars(body)
    ]
    if query.timeframe in MADE_OF:
        bars = resample(bars, query.timeframe)
    return build_candles(query, bars, time_ms)


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    time: str | None = None


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /products/{id}/book?level=2`: every level, of which the best hundred are kept."""
    book: _Book = _book(body)
    whole = build_book(pair, book.bids, book.asks, parse_iso(book.time) or time_ms)
    return structs.replace(whole, bids=whole.bids[:DEEPEST], asks=whole.asks[:DEEPEST])


class _Trade(Struct):
    trade_id: Serial
    price: float
    size: float
    side: Literal["buy", "sell"]  # the maker's
    time: str


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /products/{id}/trades`: newest first, and `side` is the maker's."""
    rows = (
        Trade(
            id=str(row.trade_id),
            timestamp=at_ms,
            price=row.price,
            amount=row.size,
            side="sell" if row.side == "buy" else "buy",
        )
        for row in read_rows(body, _trade)
        if (at_ms := parse_iso(row.time))
    )
    return build_trades(pair, rows, time_ms)
