"""OKX's spot answers, API v5. https://www.okx.com/docs-v5/en/#order-book-trading-market-data"""

from typing import Final, Literal

import msgspec
from msgspec import Struct, field

from lib.candles import Bar
from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.market import Book, Exchange, MarketRule, Pair, Ticker, Trade, Trades
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

MAKER_FEE, TAKER_FEE = 0.0008, 0.001
"""What a regular user of level 1 pays for Tether and crypto pairs. https://www.okx.com/fees,
2026-10; other quotes have tables of their own."""

FEE_QUOTES: Final = frozenset({"USDT", "BTC", "ETH"})


class _Answer(Struct):
    code: str
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_answer = wire_decoder(_Answer)


def _data(body: bytes) -> msgspec.Raw:
    answer: _Answer = _answer(body)
    if answer.code != "0":
        raise _failure(answer)
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"okx: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "50011":  # too many requests, counted over two seconds
        return SourceThrottled(said, 2.0)
    if answer.code in ("51000", "51001"):  # a parameter, the instrument
        return SourceUnsupported(said)
    return SourceUnavailable(said)


def refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is OKX's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None


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
    for row in read_rows(_data(body), _ticker):
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
        for row in _bars(_data(body))
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
    books: list[_Book] = _books(_data(body))
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
        for row in read_rows(_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Instrument(Struct, rename="camel", gc=False):
    base_ccy: str
    quote_ccy: str
    state: str
    min_sz: Number = None
    max_lmt_sz: Number = None


_instrument = wire_decoder(_Instrument)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v5/public/instruments` of spot pairs, which says no limit of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(_data(body), _instrument) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("okx: no pair is listed")
    return Exchange("okx", rules, time_ms)


def _rule(row: _Instrument) -> MarketRule | None:
    pair = read_pair(row.base_ccy, row.quote_ccy)
    if not pair:
        return None
    known = pair.quote in FEE_QUOTES
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.state == "live",
        min_amount=price(row.min_sz),
        max_amount=price(row.max_lmt_sz),
        maker_fee=MAKER_FEE if known else None,
        taker_fee=TAKER_FEE if known else None,
    )
