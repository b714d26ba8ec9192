"""Kraken's spot answers. https://docs.kraken.com/api/docs/rest-api/get-ticker-information"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Raw, Struct

from lib.candles import Bar, build_candles, resample
from lib.errors import SourceMalformed
from lib.market import Book, Candles, Pair, Rates, Ticker, Trade, Trades
from lib.queries import CandleQuery
from lib.symbols import FIAT
from lib.wire.kraken_answer import read_only, read_result
from lib.wire.kraken_names import parse_pair_name
from lib.wire.typed import Number, read_rows, wire_decoder
from lib.wire.venues import Level, Serial, amount, build_book, build_trades, is_halted, price

WINDOW: Final = 720  # bars: older ones cannot be had, whatever `since` says
STABLE: Final = frozenset({"USDT", "USDC", "DAI"})  # of the coins, what is asked as a currency


class _Ticker(Struct):
    c: list[Number]  # last price, amount
    a: list[Number] | None = None  # best ask, whole lots, amount
    b: list[Number] | None = None
    v: list[Number] | None = (
        None  # base volume: since UTC midnight, last 24 hours; so are p, l and h
    )
    p: list[Number] | None = None  # volume-weighted mean price
    h: list[Number] | None = None
    l: list[Number] | None = None  # noqa: E741 - the wire's own name


_ticker_row = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /0/public/Ticker`; pairs without a price are left out.

    There is no change of the day: `o` is the price at UTC midnight, not 24 hours ago.

    Raises:
        SourceMalformed: no pair has a price.
    """
    board: dict[str, Ticker] = {}
    for name, raw in read_result(body).items():
        pair = parse_pair_name(name)
        ticker = _ticker(raw, pair, time_ms) if pair else None
        if ticker:
            board[str(ticker.pair)] = ticker
    if not board:
        raise SourceMalformed("no ticker has a price")
    return board


def _ticker(raw: Raw, pair: Pair, time_ms: int) -> Ticker | None:
    try:
        row: _Ticker = _ticker_row(raw)
    except SourceMalformed:
        return None  # one absurd row among hundreds
    last, bid, ask = price(_at(row.c, 0)), price(_at(row.b, 0)), price(_at(row.a, 0))
    volume, mean = amount(_at(row.v, 1)), amount(_at(row.p, 1))
    if not last or is_halted(bid, ask, volume):
        return None
    return Ticker(
        pair=pair,
        last=last,
        time_ms=time_ms,
        bid=bid,
        ask=ask,
        high=price(_at(row.h, 1)),
        low=price(_at(row.l, 1)),
        volume=None if volume is None or mean is None else amount(volume * mean),
        base_volume=volume,
    )


def _at(values: Sequence[Number] | None, index: int) -> Number:
    return values[index] if values and len(values) > index else None


def parse_rates(body: bytes, time_ms: int) -> Rates:
    """What a dollar is worth, from the pairs of `GET /0/public/Ticker` that traded today."""
    per_usd: dict[str, float | None] = {"USD": 1.0}
    for ticker in parse_tickers(body, time_ms).values():
        base, quote = ticker.pair.base, ticker.pair.quote
        if not ticker.base_volume:
            continue  # the last price of a dead market is no rate
        if base == "USD" and quote in FIAT:
            per_usd[quote] = ticker.last
        elif quote == "USD" and base in FIAT | STABLE:
            per_usd[base] = price(1 / ticker.last)
    rates = {currency: rate for currency, rate in per_usd.items() if rate}
    if len(rates) == 1:
        raise SourceMalformed("kraken: no currency among the pairs")
    return Rates(rates, time_ms)


class _Bar(Struct, array_like=True):
    time_s: int
    open: float
    high: float
    low: float
    close: float
    mean: float  # weighted by volume
    volume: float


_decode_bars = wire_decoder(list[_Bar])


def parse_candles(body: bytes, query: CandleQuery, time_ms: int) -> Candles:
    """Read `GET /0/public/OHLC`."""
    rows = _decode_bars(read_only(body))
    bars = [
        Bar(r.time_s * 1000, r.open, r.high, r.low, r.close, r.volume, r.volume * r.mean)
        for r in rows
    ]
    if query.timeframe == "1w":
        whole = len(bars) < WINDOW  # else the window cuts through the first week
        weeks = resample(bars, "1w")
        bars = weeks if whole or weeks[0].open_ms == bars[0].open_ms else weeks[1:]
    return build_candles(query, bars, time_ms)


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /0/public/Depth`: each level says when it last changed, the book no time."""
    book: _Book = _book(read_only(body))
    return build_book(pair, book.bids, book.asks, time_ms)


class _Trade(Struct, array_like=True):
    price: float
    amount: float
    time_s: float
    side: Literal["b", "s"]
    kind: str
    note: str = ""
    id: Serial | None = None  # since 2022


_trade = wire_decoder(_Trade)
_KINDS: Final = {"m": "market", "l": "limit"}


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /0/public/Trades`: oldest first, `b` and `s` the taker's side."""
    rows = (
        Trade(
            id=str(row.id) if row.id is not None else f"{row.time_s}-{row.price}-{row.amount}",
            timestamp=int(row.time_s * 1000),
            price=row.price,
            amount=row.amount,
            side="buy" if row.side == "b" else "sell",
            type=_KINDS.get(row.kind),
        )
        for row in read_rows(read_only(body), _trade)
        if 0 < row.time_s < 1e10
    )
    return build_trades(pair, rows, time_ms)
