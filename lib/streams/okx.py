"""OKX's public streams, API v5. https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Literal

from msgspec import Raw, Struct, field

from lib.errors import SourceMalformed, SourceUnsupported, shown
from lib.market import Pair, Ticker, Trade
from lib.streams.base import (
    NO_PRICE,
    Address,
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
from lib.wire.venues import (
    Level,
    Millis,
    Number,
    Serial,
    amount,
    build_book,
    price,
    read_pair,
    signed,
    tether_pair,
)

URL: Final = "wss://ws.okx.com:443"
"""The port that is documented, 8443, is closed where only the web's own go out, as in a Space."""

CHANNELS: Final = {"tickers": "tickers", "trades": "trades", "books": "books5"}
_INSTRUMENT: Final = re.compile(r"instId:([A-Z0-9]{1,20}-[A-Z0-9]{1,20})")
EVENTS: Final = frozenset({"subscribe", "unsubscribe", "channel-conn-count", "notice"})
PING: Final = KeepAlive("ping", 5)
"""OKX closes what is silent for 30 s, and a quiet pair says nothing by itself."""


class OkxStream:
    """Spot pairs; candles have a server of their own, which is not asked."""

    name: ClassVar[str] = "okx"
    feeds: ClassVar[frozenset[str]] = frozenset(CHANNELS)

    def __init__(self, url: str | None = None) -> None:
        self._url = (url or URL).rstrip("/")

    async def address(self, wanted: Iterable[Wanted]) -> Address:  # noqa: ARG002 - one for all
        return Address(f"{self._url}/ws/v5/public", PING)

    def listed(self, pair: Pair) -> Pair:
        return tether_pair(pair)

    def serves(self, wanted: Wanted) -> bool:
        try:
            tether_pair(wanted.pair)
        except SourceUnsupported:
            return False
        return wanted.feed in self.feeds

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:  # noqa: ARG002 - alike
        return _requests("subscribe", wanted)

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        return _requests("unsubscribe", wanted)

    def parse(self, frame: str | bytes) -> list[Event]:
        if frame in ("pong", b"pong"):
            return []
        message: _Message = read_as(frame, _Message)
        if message.event == "error":
            named = _INSTRUMENT.search(message.msg or "")
            return [Refused(_pair(named[1]) if named else None, shown(message.msg or "", 100))]
        if message.event in EVENTS:
            return []
        if message.event or not message.arg:
            raise SourceMalformed("okx: a frame of a kind that is not documented")
        pair = _pair(message.arg.inst_id)
        if not pair:
            return []  # a future or a swap
        if message.arg.channel == "tickers":
            return [s for row in read_as(message.data, list[_Ticker]) for s in _ticker(pair, row)]
        if message.arg.channel == "trades":
            return [s for row in read_as(message.data, list[_Trade]) for s in _trade(pair, row)]
        if message.arg.channel == "books5":
            return _books(pair, read_as(message.data, list[_Book]))
        return []


def _requests(op: str, wanted: Sequence[Wanted]) -> list[str]:
    args = [
        {
            "channel": CHANNELS[one.feed],
            "instId": f"{one.pair.base}-{tether_pair(one.pair).quote}",
        }
        for one in wanted
    ]
    return [write_json(op=op, args=args[at : at + 100]) for at in range(0, len(args), 100)]


def _pair(instrument: str) -> Pair | None:
    base, dash, quote = instrument.partition("-")
    return read_pair(base, quote) if dash else None


def _ticker(pair: Pair, row: "_Ticker") -> list[Event]:
    last, first = price(row.last), price(row.open24h)
    if not last:
        return [Refused(pair, NO_PRICE)]
    ticker = Ticker(
        pair=pair,
        last=last,
        time_ms=row.ts,
        bid=price(row.bid_px),
        ask=price(row.ask_px),
        high=price(row.high24h),
        low=price(row.low24h),
        change_percent=signed((last - first) / first * 100) if first else None,
        volume=amount(row.vol_ccy24h),
        base_volume=amount(row.vol24h),
    )
    return [TickerSeen(ticker)]


def _trade(pair: Pair, row: "_Trade") -> list[Event]:
    if not price(row.px) or not amount(row.sz):
        return [Refused(pair, NO_PRICE)]
    # one frame may stand for several trades at one price, so the numbers have holes
    return [TradeSeen(pair, Trade(str(row.trade_id), row.ts, row.px, row.sz, row.side))]


def _books(pair: Pair, rows: "list[_Book]") -> list[Event]:
    return [BookSeen(build_book(pair, row.bids, row.asks, row.ts)) for row in rows]


class _Arg(Struct, rename="camel"):
    channel: str
    inst_id: str = ""


class _Message(Struct):
    arg: _Arg | None = None
    event: str | None = None
    data: Raw = Raw(b"[]")
    msg: str | None = None


class _Ticker(Struct, rename="camel"):
    last: Number
    ts: Millis
    ask_px: Number = None
    bid_px: Number = None
    open24h: Number = None
    high24h: Number = None
    low24h: Number = None
    vol24h: Number = None
    vol_ccy24h: Number = field(name="volCcy24h", default=None)


class _Trade(Struct, rename="camel"):
    trade_id: Serial
    px: float
    sz: float
    side: Literal["buy", "sell"]
    ts: Millis


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    ts: Millis
