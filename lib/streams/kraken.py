"""Kraken's public streams, version 2. https://docs.kraken.com/api/docs/websocket-v2/ticker"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Literal

from msgspec import Raw, Struct

from lib.candles import Bar
from lib.errors import SourceMalformed, shown
from lib.market import Pair, Ticker, Trade
from lib.streams.bars import seen_bar
from lib.streams.base import (
    NO_PRICE,
    Address,
    BarSeen,
    BookSeen,
    Broken,
    Event,
    KeepAlive,
    Refused,
    TickerSeen,
    TradeSeen,
    Wanted,
    read_as,
    write_json,
)
from lib.streams.kraken_book import DEPTH, BookRow, Ladders
from lib.timeframes import TIMEFRAME_MS
from lib.wire.iso import parse_iso
from lib.wire.kraken_names import WIRE_NAMES, own_pair
from lib.wire.venues import Number, Serial, amount, price, read_pair, signed

URL: Final = "wss://ws.kraken.com"
CHANNELS: Final = {"tickers": "ticker", "trades": "trade", "candles": "ohlc", "books": "book"}
MINUTES: Final = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240, "1d": 1440}
TIMEFRAMES: Final = {minutes: name for name, minutes in MINUTES.items()}
IGNORED: Final = frozenset({"heartbeat", "status", "instrument"})
METHODS: Final = frozenset({"subscribe", "unsubscribe", "ping", "pong"})
OLD_EVENTS: Final = frozenset({"systemStatus", "subscriptionStatus", "heartbeat", "pong", "ping"})
"""What version 1 says; a mirror that still speaks it is silent to us, not broken."""

PING: Final = KeepAlive('{"method":"ping"}', 20)


class KrakenStream:
    """Pairs are written `BTC/USD` here, with bitcoin and dogecoin by their common names."""

    name: ClassVar[str] = "kraken"
    feeds: ClassVar[frozenset[str]] = frozenset(CHANNELS)

    def __init__(self, url: str | None = None) -> None:
        self._url = (url or URL).rstrip("/")
        self._ladders = Ladders()

    async def address(self, wanted: Iterable[Wanted]) -> Address:  # noqa: ARG002 - one for all
        return Address(f"{self._url}/v2", PING)

    def listed(self, pair: Pair) -> Pair:
        return pair

    def serves(self, wanted: Wanted) -> bool:
        return wanted.feed in self.feeds and (not wanted.timeframe or wanted.timeframe in MINUTES)

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:
        if fresh:
            self._ladders.clear()
        return _requests("subscribe", wanted)

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        return _requests("unsubscribe", wanted)

    def parse(self, frame: str | bytes) -> list[Event]:
        if frame[:1] in ("[", b"["):
            read_as(frame, list[Raw])
            return []  # a version 1 frame
        message: _Message = read_as(frame, _Message)
        if message.method:
            return _answer(message)
        if message.channel is None and message.event in OLD_EVENTS:
            return []
        if message.channel == "ticker":
            return [seen for row in read_as(message.data, list[_Ticker]) for seen in _ticker(row)]
        if message.channel == "trade":
            # the first frame holds trades of the past
            rows = read_as(message.data, list[_Trade]) if message.type == "update" else []
            return [seen for row in rows for seen in _trade(row)]
        if message.channel == "ohlc":
            return [seen for row in read_as(message.data, list[_Bar]) for seen in _bar(row)]
        if message.channel == "book":
            whole = message.type == "snapshot"
            rows = read_as(message.data, list[BookRow])
            return [seen for row in rows for seen in self._book(row, whole=whole)]
        if message.channel in IGNORED:
            return []
        raise SourceMalformed("kraken: a frame of a kind that is not documented")

    def _book(self, row: BookRow, *, whole: bool) -> list[Event]:
        pair = _pair(row.symbol)
        if not pair:
            return []
        try:
            return [BookSeen(self._ladders.seen(pair, row, whole=whole))]
        except SourceMalformed as error:
            return [Broken(pair, str(error), "books")]


def _requests(method: str, wanted: Sequence[Wanted]) -> list[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for one in wanted:
        groups.setdefault((one.feed, one.timeframe), []).append(wire_symbol(one.pair))
    made = []
    for (feed, timeframe), symbols in groups.items():
        params: dict[str, object] = {"channel": CHANNELS[feed], "symbol": symbols}
        if timeframe:
            params["interval"] = MINUTES[timeframe]
        if feed == "books":
            params["depth"] = DEPTH
        if feed == "trades" and method == "subscribe":
            params["snapshot"] = False
        if feed == "tickers" and method == "subscribe":
            params["event_trigger"] = "bbo"
        made.append(write_json(method=method, params=params))
    return made


COMMON: Final = frozenset({"BTC", "DOGE"})


def wire_symbol(pair: Pair) -> str:
    """`BTC/USD` as version 2 takes it."""
    names = (n if n in COMMON else WIRE_NAMES.get(n, n) for n in (pair.base, pair.quote))
    return "/".join(names)


def _pair(symbol: str) -> Pair | None:
    base, slash, quote = symbol.partition("/")
    pair = read_pair(base, quote) if slash else None
    return own_pair(pair.base, pair.quote) if pair else None


def _answer(message: "_Message") -> list[Event]:
    if message.method not in METHODS:
        raise SourceMalformed("kraken: an answer to nothing")
    if message.success is False:
        reason = shown(message.error or "", 100)
        return [Refused(_pair(message.symbol) if message.symbol else None, reason)]
    return []


def _ticker(row: "_Ticker") -> list[Event]:
    pair, last = _pair(row.symbol), price(row.last)
    if not pair:
        return []
    if not last:
        return [Refused(pair, NO_PRICE)]
    base, mean = amount(row.volume), amount(row.vwap)
    ticker = Ticker(
        pair=pair,
        last=last,
        time_ms=parse_iso(row.timestamp) or 0,
        bid=price(row.bid),
        ask=price(row.ask),
        high=price(row.high),
        low=price(row.low),
        change_percent=signed(row.change_pct),
        volume=None if base is None or mean is None else amount(base * mean),
        base_volume=base,
    )
    return [TickerSeen(ticker)]


def _trade(row: "_Trade") -> list[Event]:
    pair, at_ms = _pair(row.symbol), parse_iso(row.timestamp)
    if not pair or not at_ms:
        return []
    if not price(row.price) or not amount(row.qty):
        return [Refused(pair, NO_PRICE)]
    trade = Trade(str(row.trade_id), at_ms, row.price, row.qty, row.side, row.ord_type)
    return [TradeSeen(pair, trade, row.trade_id)]


def _bar(row: "_Bar") -> list[Event]:
    pair, at_ms = _pair(row.symbol), parse_iso(row.interval_begin)
    timeframe = TIMEFRAMES.get(row.interval)
    if not pair or not at_ms or not timeframe:
        return []
    quote = amount(row.volume * row.vwap)
    bar = Bar(at_ms, row.open, row.high, row.low, row.close, row.volume, quote)
    time_ms = parse_iso(row.timestamp) or at_ms
    closed = at_ms + TIMEFRAME_MS[timeframe] <= time_ms
    return [BarSeen(pair, timeframe, seen_bar(bar, closed=closed), time_ms)]


class _Message(Struct):
    channel: str | None = None
    type: str | None = None
    data: Raw = Raw(b"[]")
    method: str | None = None
    success: bool | None = None
    error: str | None = None
    symbol: str | None = None
    event: str | None = None


class _Ticker(Struct):
    symbol: str
    last: Number
    bid: Number = None
    ask: Number = None
    high: Number = None
    low: Number = None
    volume: Number = None
    vwap: Number = None
    change_pct: Number = None
    timestamp: str | None = None


class _Trade(Struct):
    symbol: str
    side: Literal["buy", "sell"]  # the taker's
    price: float
    qty: float
    trade_id: Serial
    timestamp: str
    ord_type: str | None = None


class _Bar(Struct):
    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    interval: int
    interval_begin: str
    timestamp: str | None = None
