"""Binance's market streams.
https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, cast

from msgspec import Raw, Struct, field

from lib.candles import Bar
from lib.errors import SourceMalformed, SourceUnsupported, shown
from lib.market import Candle, Pair, Ticker, Trade
from lib.streams.bars import seen_bar
from lib.streams.base import (
    NO_PRICE,
    Address,
    BarSeen,
    BookSeen,
    Ending,
    Event,
    Refused,
    TableSeen,
    TickerSeen,
    TradeSeen,
    Wanted,
    read_as,
    write_json,
)
from lib.timeframes import TIMEFRAME_MS
from lib.wire.binance_names import split_symbols, wire_symbol
from lib.wire.renames import alias_renamed
from lib.wire.venues import (
    Level,
    Millis,
    Number,
    Serial,
    amount,
    build_book,
    price,
    signed,
    tether_pair,
)

URL: Final = "wss://data-stream.binance.vision:443"
"""The data-only host. Port 443, for hosts that let nothing else out."""

TABLE: Final = "!miniTicker@arr"
"""Every pair that changed, once a second: feeds the market table, and tells silence from calm."""

LONGEST_PATH: Final = 2000  # characters of stream names in the address; the rest is subscribed
MOST_STREAMS: Final = 1000  # Binance: 1024 a connection

IGNORED: Final = frozenset({"depthUpdate", "bookTicker", "24hrMiniTicker", "avgPrice"})
"""Kinds of frames that nobody asked for, but that are no fault."""


class BinanceStream:
    """Combined streams over one connection, which Binance closes after 24 hours."""

    name: ClassVar[str] = "binance"
    feeds: ClassVar[frozenset[str]] = frozenset({"tickers", "trades", "books", "candles"})

    def __init__(self, url: str | None = None) -> None:
        self._url = (url or URL).rstrip("/")
        self._pairs: dict[str, Pair] = {}  # as asked, by wire symbol

    async def address(self, wanted: Iterable[Wanted]) -> Address:
        """The first streams go into the address."""
        return Address(f"{self._url}/stream?streams={'/'.join(_first(self._names(wanted)))}")

    def listed(self, pair: Pair) -> Pair:
        return tether_pair(pair)

    def serves(self, wanted: Wanted) -> bool:
        try:
            tether_pair(wanted.pair)
        except SourceUnsupported:
            return False
        return wanted.feed in self.feeds

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:
        names = self._names(wanted)
        if fresh:
            names = names[len(_first(names)) :]
        elif TABLE in names:
            names.remove(TABLE)
        return _request("SUBSCRIBE", names)

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        return _request("UNSUBSCRIBE", [name for name in self._names(wanted) if name != TABLE])

    def _names(self, wanted: Iterable[Wanted]) -> list[str]:
        names = [TABLE]
        for one in wanted:
            symbol = wire_symbol(tether_pair(one.pair))
            self._pairs[symbol] = tether_pair(one.pair)
            names.append(f"{symbol.lower()}@{_KINDS[one.feed]}{one.timeframe}")
        return names[:MOST_STREAMS]

    def parse(self, frame: str | bytes) -> list[Event]:
        if frame[:1] in ("[", b"["):
            return self._table(cast("Raw", frame))
        envelope: _Envelope = read_as(frame, _Envelope)
        if envelope.stream is None:
            return self._unwrapped(envelope, frame)
        data = envelope.data
        if envelope.stream == TABLE:
            return self._table(data)
        if "@depth" in envelope.stream and b"lastUpdateId" in bytes(data):
            return self._book(envelope.stream, data)
        return self._one(data)

    def _unwrapped(self, envelope: "_Envelope", frame: str | bytes) -> list[Event]:
        if envelope.error:
            return [Refused(None, shown(envelope.error.msg, 100))]
        if envelope.event:
            return self._one(frame)
        if envelope.code is not None:
            return [Refused(None, shown(envelope.msg or "", 100))]
        if envelope.id is None and envelope.update is None:
            raise SourceMalformed("a frame without a stream, an event or a request's number")
        return []

    def _one(self, data: Raw | str | bytes) -> list[Event]:
        kind: _Kind = read_as(data, _Kind)
        if kind.e == "24hrTicker":
            return self._ticker(data)
        if kind.e in ("trade", "aggTrade"):
            return self._trade(data, counted=kind.e == "trade")
        if kind.e == "kline":
            return self._bar(data)
        if kind.e == "serverShutdown":
            return [Ending("serverShutdown")]
        if kind.e in IGNORED or (kind.e is None and kind.u is not None):
            return []
        raise SourceMalformed("an event of a kind that is not documented")

    def _pair(self, symbol: str) -> Pair | None:
        return self._pairs.get(symbol) or split_symbols([symbol]).get(symbol)

    def _ticker(self, data: Raw | str | bytes) -> list[Event]:
        row: _Ticker = read_as(data, _Ticker)
        pair, last = self._pair(row.s), price(row.c)
        if not pair:
            return []
        if not last:
            return [Refused(pair, NO_PRICE)]
        return [
            TickerSeen(
                Ticker(
                    pair=pair,
                    last=last,
                    time_ms=row.C,
                    bid=price(row.b),
                    ask=price(row.a),
                    high=price(row.h),
                    low=price(row.l),
                    change_percent=signed(row.P),
                    volume=amount(row.q),
                    base_volume=amount(row.v),
                )
            )
        ]

    def _table(self, data: Raw) -> list[Event]:
        rows: list[_Mini] = read_as(data, list[_Mini])
        pairs = split_symbols(row.s for row in rows)
        board = {}
        for row in rows:
            pair, last, first = pairs.get(row.s), price(row.c), price(row.o)
            if not pair or not last:
                continue
            board[str(pair)] = Ticker(
                pair=pair,
                last=last,
                time_ms=row.E,
                high=price(row.h),
                low=price(row.l),
                # as many decimals as Binance itself states
                change_percent=signed(round((last / first - 1) * 100, 3)) if first else None,
                volume=amount(row.q),
                base_volume=amount(row.v),
            )
        if rows and not board:
            raise SourceMalformed("no ticker of the table has a price")
        return [TableSeen(alias_renamed(board))] if board else []

    def _trade(self, data: Raw | str | bytes, *, counted: bool) -> list[Event]:
        row: _Trade = read_as(data, _Trade)
        pair = self._pair(row.s)
        serial = row.t if counted else row.a
        if not pair or serial is None:
            return []
        if not price(row.p) or not amount(row.q):
            return [Refused(pair, NO_PRICE)]
        # where the buyer was the maker, the taker sold
        trade = Trade(str(serial), row.T, row.p, row.q, "sell" if row.m else "buy")
        return [TradeSeen(pair, trade, serial)]

    def _book(self, stream: str, data: Raw) -> list[Event]:
        symbol = stream.partition("@")[0].upper()
        pair = self._pair(symbol)
        book: _Book = read_as(data, _Book)
        return [BookSeen(build_book(pair, book.bids, book.asks, 0))] if pair else []

    def _bar(self, data: Raw | str | bytes) -> list[Event]:
        row: _Kline = read_as(data, _Kline)
        k, pair = row.k, self._pair(row.s)
        if not pair or k.i not in TIMEFRAME_MS:
            return []
        bar = Bar(k.t, k.o, k.h, k.l, k.c, k.v, amount(k.q))
        return [BarSeen(pair, k.i, _candle(bar, k.x), row.E)]


def _candle(bar: Bar, closed: bool) -> Candle:
    return seen_bar(bar, closed=closed)


_KINDS: Final = {"tickers": "ticker", "trades": "trade", "books": "depth20", "candles": "kline_"}


def _first(names: list[str]) -> list[str]:
    """As many as an address may hold."""
    length, count = 0, 0
    for name in names:
        length += len(name) + 1
        if length > LONGEST_PATH:
            break
        count += 1
    return names[:count]


def _request(method: str, names: list[str]) -> list[str]:
    """Requests of at most 200 streams: Binance takes five messages a second."""
    return [
        write_json(method=method, params=names[at : at + 200], id=at // 200 + 1)
        for at in range(0, len(names), 200)
    ]


class _Error(Struct):
    msg: str = ""


class _Envelope(Struct):
    stream: str | None = None
    data: Raw = Raw(b"null")
    error: _Error | None = None
    id: int | str | None = None
    code: int | None = None
    msg: str | None = None
    event: str | None = field(name="e", default=None)
    update: int | None = field(name="u", default=None)


class _Kind(Struct):
    e: str | None = None
    u: int | None = None  # a bookTicker says no kind


class _Ticker(Struct):
    s: str
    c: Number
    C: Millis
    P: Number = None
    b: Number = None
    a: Number = None
    h: Number = None
    l: Number = None  # noqa: E741 - the wire's own name
    v: Number = None
    q: Number = None


class _Mini(Struct):
    s: str
    E: Millis
    c: Number
    o: Number = None
    h: Number = None
    l: Number = None  # noqa: E741
    v: Number = None
    q: Number = None


class _Trade(Struct):
    s: str
    p: float
    q: float
    T: Millis
    m: bool
    t: Serial | None = None
    a: Serial | None = None


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]


class _Bar(Struct):
    t: Millis
    i: str
    o: float
    h: float
    l: float  # noqa: E741
    c: float
    v: float
    x: bool
    q: Number = None


class _Kline(Struct):
    s: str
    E: Millis
    k: _Bar
