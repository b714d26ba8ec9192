"""KuCoin's public streams. https://www.kucoin.com/docs-new/websocket-api/base-info/introduction"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlencode, urlsplit

from msgspec import Meta, Raw, Struct, field

from lib.candles import Bar
from lib.errors import SourceMalformed, SourceUnsupported, shown
from lib.market import Pair, Ticker, Trade
from lib.streams.bars import seen_bar
from lib.streams.base import (
    NO_PRICE,
    Address,
    BarSeen,
    BookSeen,
    Event,
    KeepAlive,
    Refused,
    TickerSeen,
    TradeSeen,
    Wanted,
    read_as,
    write_json,
)
from lib.timeframes import TIMEFRAME_MS
from lib.wire.kucoin_names import own_pair, wire_symbol
from lib.wire.venues import (
    Level,
    Millis,
    Nanos,
    Number,
    Serial,
    amount,
    build_book,
    price,
    signed,
    tether_pair,
)

TOPICS: Final = {
    "tickers": "/market/snapshot",
    "trades": "/market/match",
    "books": "/spotMarket/level2Depth50",
    "candles": "/market/candles",
}
BAR_TYPES: Final = {
    "1m": "1min", "5m": "5min", "15m": "15min", "30m": "30min", "1h": "1hour", "4h": "4hour",
    "1d": "1day",
}  # fmt: skip
TIMEFRAMES: Final = {wire: own for own, wire in BAR_TYPES.items()}
HOSTS: Final = (".kucoin.com",)
IGNORED: Final = frozenset({"welcome", "ack", "pong", "notice", "command"})


class KuCoinStream:
    """The address and a token come from a REST call first.

    Args:
        ask: makes the call, `POST /api/v1/bullet-public`, and gives the body.
    """

    name: ClassVar[str] = "kucoin"
    feeds: ClassVar[frozenset[str]] = frozenset(TOPICS)

    def __init__(self, ask: Callable[[], Awaitable[bytes]], url: str | None = None) -> None:
        self._ask = ask
        self._url = url

    async def address(self, wanted: Iterable[Wanted]) -> Address:  # noqa: ARG002 - one for all
        return parse_address(await self._ask(), self._url)

    def listed(self, pair: Pair) -> Pair:
        return tether_pair(pair)

    def serves(self, wanted: Wanted) -> bool:
        try:
            tether_pair(wanted.pair)
        except SourceUnsupported:
            return False
        return wanted.feed in self.feeds and (not wanted.timeframe or wanted.timeframe in BAR_TYPES)

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:  # noqa: ARG002 - alike
        return _requests("subscribe", wanted)

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        return _requests("unsubscribe", wanted)

    def parse(self, frame: str | bytes) -> list[Event]:
        message: _Message = read_as(frame, _Message)
        if message.type == "error":
            return [Refused(None, shown(bytes(message.data).decode(errors="replace"), 100))]
        if message.type in IGNORED:
            return []
        if message.type != "message" or message.topic is None:
            raise SourceMalformed("kucoin: a frame of a kind that is not documented")
        topic, _, names = message.topic.partition(":")
        if topic == "/market/ticker":
            return _price(names, read_as(message.data, _Price))
        if topic == "/market/snapshot":
            return _snapshot(read_as(message.data, _Snapshot).data)
        if topic == "/market/match":
            return _trade(read_as(message.data, _Match))
        if topic == "/market/candles":
            return _bar(names, read_as(message.data, _Candles))
        if topic == "/spotMarket/level2Depth50":
            return _book(names, read_as(message.data, _Book))
        return []


def parse_address(body: bytes, url: str | None) -> Address:
    """Read `POST /api/v1/bullet-public`; `url` replaces the server that it names.

    Raises:
        SourceMalformed: it names no server of KuCoin's, or no token.
    """
    answer: _Bullet = read_as(body, _Bullet)
    if answer.code != "200000" or not answer.data.servers:
        raise SourceMalformed("kucoin: no server is named")
    server = answer.data.servers[0]
    base = url or _own_server(server.endpoint)
    query = urlencode({"token": answer.data.token, "connectId": "dreammaker"})
    every_s = min(max(server.ping_ms / 1000 / 2, 1), 5)
    return Address(f"{base}?{query}", KeepAlive(write_json(id="1", type="ping"), every_s))


def _own_server(endpoint: str) -> str:
    """An address that an answer names is followed only to KuCoin itself, and encrypted."""
    try:
        scheme, host = urlsplit(endpoint).scheme, urlsplit(endpoint).hostname or ""
    except ValueError:
        scheme = host = ""
    plain = endpoint.isascii() and endpoint.isprintable() and len(endpoint) <= 200
    if not plain or scheme != "wss" or not host.endswith(HOSTS) or "@" in endpoint:
        raise SourceMalformed("kucoin: the server that is named is none of KuCoin's")
    return endpoint


def _requests(verb: str, wanted: Sequence[Wanted]) -> list[str]:
    made = []
    for at, one in enumerate(wanted, 1):
        symbol = wire_symbol(tether_pair(one.pair))
        if one.timeframe:
            symbol += f"_{BAR_TYPES[one.timeframe]}"
        topic = f"{TOPICS[one.feed]}:{symbol}"
        made.append(write_json(id=str(at), type=verb, topic=topic, response=True))
    return made


def _price(symbol: str, row: "_Price") -> list[Event]:
    pair, last = own_pair(symbol), price(row.price)
    if not pair:
        return []
    if not last:
        return [Refused(pair, NO_PRICE)]
    ticker = Ticker(
        pair=pair,
        last=last,
        time_ms=row.time or 0,
        bid=price(row.bestBid),
        ask=price(row.bestAsk),
    )
    return [TickerSeen(ticker)]


def _snapshot(row: "_Day") -> list[Event]:
    pair, last = own_pair(row.symbol), price(row.lastTradedPrice)
    if not pair:
        return []
    if not last:
        return [Refused(pair, NO_PRICE)]
    rate = signed(row.changeRate)
    ticker = Ticker(
        pair=pair,
        last=last,
        time_ms=row.datetime or 0,
        bid=price(row.buy),
        ask=price(row.sell),
        high=price(row.high),
        low=price(row.low),
        change_percent=None if rate is None else signed(round(rate * 100, 8)),
        volume=amount(row.volValue),
        base_volume=amount(row.vol),
    )
    return [TickerSeen(ticker)]


def _trade(row: "_Match") -> list[Event]:
    pair = own_pair(row.symbol)
    if not pair:
        return []
    if not price(row.price) or not amount(row.size):
        return [Refused(pair, NO_PRICE)]
    # the sequence is the book's, so it has holes between trades
    trade = Trade(str(row.sequence), row.time // 1_000_000, row.price, row.size, row.side)
    return [TradeSeen(pair, trade)]


def _bar(names: str, row: "_Candles") -> list[Event]:
    timeframe, pair = TIMEFRAMES.get(names.partition("_")[2]), own_pair(row.symbol)
    if not pair or not timeframe:
        return []
    c = row.candles
    bar = Bar(c.open_s * 1000, c.open, c.high, c.low, c.close, c.volume, amount(c.turnover))
    time_ms = row.time // 1_000_000
    closed = bar.open_ms + TIMEFRAME_MS[timeframe] <= time_ms
    return [BarSeen(pair, timeframe, seen_bar(bar, closed=closed), time_ms)]


def _book(symbol: str, row: "_Book") -> list[Event]:
    pair = own_pair(symbol)
    return [BookSeen(build_book(pair, row.bids, row.asks, row.timestamp or 0))] if pair else []


class _Server(Struct):
    endpoint: str
    ping_ms: Annotated[int, Meta(gt=0, lt=10**8)] = field(name="pingInterval", default=18_000)


class _Token(Struct):
    token: str
    servers: list[_Server] = field(name="instanceServers")


class _Bullet(Struct):
    code: str
    data: _Token


class _Message(Struct):
    type: str
    topic: str | None = None
    subject: str | None = None
    data: Raw = Raw(b"null")


class _Price(Struct):
    price: Number
    bestAsk: Number = None  # noqa: N815 - the wire's own names
    bestBid: Number = None  # noqa: N815
    time: Millis | None = None


class _Day(Struct):
    symbol: str
    lastTradedPrice: Number  # noqa: N815
    buy: Number = None
    sell: Number = None
    high: Number = None
    low: Number = None
    changeRate: Number = None  # noqa: N815
    vol: Number = None
    volValue: Number = None  # noqa: N815
    datetime: Millis | None = None


class _Snapshot(Struct):
    data: _Day


class _Match(Struct):
    symbol: str
    sequence: Serial
    side: Literal["buy", "sell"]  # the taker's
    price: float
    size: float
    time: Nanos


class _Bar(Struct, array_like=True):
    open_s: Annotated[int, Meta(gt=0, lt=10**10)]
    open: float
    close: float
    high: float
    low: float
    volume: float
    turnover: Number = None


class _Candles(Struct):
    symbol: str
    candles: _Bar
    time: Nanos


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    timestamp: Millis | None = None
