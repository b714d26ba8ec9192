"""Coinbase Exchange's feed. https://docs.cdp.coinbase.com/exchange/websocket-feed/overview"""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct

from lib.errors import SourceMalformed, shown
from lib.market import Pair, Ticker, Trade
from lib.streams.base import (
    NO_PRICE,
    Address,
    BookSeen,
    Broken,
    Event,
    Refused,
    TickerSeen,
    TradeSeen,
    Wanted,
    read_as,
    write_json,
)
from lib.streams.coinbase_book import Batch, Ladders, Whole
from lib.wire.iso import parse_iso
from lib.wire.venues import Number, Serial, amount, price, read_pair, signed

URL: Final = "wss://ws-feed.exchange.coinbase.com"
CHANNELS: Final = {"tickers": "ticker", "trades": "matches", "books": "level2_batch"}
"""`level2`, without batches, asks for a key since August 2023."""

_PRODUCT: Final = re.compile(r"[A-Z0-9]{1,20}-[A-Z0-9]{1,20}")
IGNORED: Final = frozenset({"subscriptions", "heartbeat", "status"})
BOOKS: Final = frozenset({"snapshot", "l2update"})


class CoinbaseStream:
    """Tether pairs are dollar pairs here. A heartbeat a second tells calm from silence."""

    name: ClassVar[str] = "coinbase"
    feeds: ClassVar[frozenset[str]] = frozenset(CHANNELS)

    def __init__(self, url: str | None = None) -> None:
        self._url = (url or URL).rstrip("/")
        self._ladders = Ladders()

    async def address(self, wanted: Iterable[Wanted]) -> Address:  # noqa: ARG002 - one for all
        return Address(self._url)

    def listed(self, pair: Pair) -> Pair:
        return Pair(pair.base, "USD") if pair.quote == "USDT" else pair

    def serves(self, wanted: Wanted) -> bool:
        return wanted.feed in self.feeds

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:
        if fresh:
            self._ladders.clear()
        for one in wanted:
            if one.feed == "books":
                self._ladders.await_whole(self.listed(one.pair))
        return _requests("subscribe", wanted)

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        for one in wanted:
            if one.feed == "books":
                self._ladders.forget(self.listed(one.pair))
        return _requests("unsubscribe", wanted)

    def parse(self, frame: str | bytes) -> list[Event]:
        try:
            kind: _Kind = read_as(frame, _Kind)
        except SourceMalformed:
            self._ladders.doubt()
            raise
        if kind.type in BOOKS:
            return self._book(kind, frame)
        if kind.type in ("ticker", "ticker_batch"):
            return _ticker(read_as(frame, _Ticker))
        if kind.type == "match":
            return _trade(read_as(frame, _Match))
        if kind.type == "last_match":
            read_as(frame, _Match)
            return []  # a trade of the past
        if kind.type == "error":
            return [_refusal(kind)]
        if kind.type in IGNORED:
            return []
        raise SourceMalformed("coinbase: a frame of a kind that is not documented")

    def _book(self, kind: "_Kind", frame: str | bytes) -> list[Event]:
        pair = _pair(kind.product_id)
        if not kind.product_id:
            self._ladders.doubt()
            raise SourceMalformed("coinbase: a book of nothing")
        if not pair or (kind.type == "l2update" and not self._ladders.follows(pair)):
            return []
        try:
            if kind.type == "snapshot":
                return [BookSeen(self._ladders.tell(pair, read_as(frame, Whole)))]
            return [BookSeen(self._ladders.change(pair, read_as(frame, Batch)))]
        except SourceMalformed as error:
            self._ladders.forget(pair)
            return [Broken(pair, shown(str(error), 100), "books")]


def _requests(verb: str, wanted: Sequence[Wanted]) -> list[str]:
    # one message a product: a single unknown product refuses the whole message
    made = []
    for one in wanted:
        channels = [CHANNELS[one.feed]] + (["heartbeat"] if verb == "subscribe" else [])
        quote = "USD" if one.pair.quote == "USDT" else one.pair.quote
        product = f"{one.pair.base}-{quote}"
        made.append(write_json(type=verb, product_ids=[product], channels=channels))
    return made


def _pair(product: str) -> Pair | None:
    base, dash, quote = product.partition("-")
    return read_pair(base, quote) if dash else None


def _refusal(kind: "_Kind") -> Refused:
    named = _PRODUCT.search(kind.reason)
    feed = "books" if "level2" in kind.reason else ""
    pair = _pair(named[0]) if named else None
    return Refused(pair, shown(f"{kind.message}: {kind.reason}", 100), feed)


def _ticker(row: "_Ticker") -> list[Event]:
    pair, last, first = _pair(row.product_id), price(row.price), price(row.open_24h)
    if not pair:
        return []
    if not last:
        return [Refused(pair, NO_PRICE)]
    ticker = Ticker(
        pair=pair,
        last=last,
        time_ms=parse_iso(row.time) or 0,
        bid=price(row.best_bid),
        ask=price(row.best_ask),
        high=price(row.high_24h),
        low=price(row.low_24h),
        change_percent=signed((last - first) / first * 100) if first else None,
        base_volume=amount(row.volume_24h),
    )
    return [TickerSeen(ticker)]


def _trade(row: "_Match") -> list[Event]:
    pair, at_ms = _pair(row.product_id), parse_iso(row.time)
    if not pair or not at_ms:
        return []
    if not price(row.price) or not amount(row.size):
        return [Refused(pair, NO_PRICE)]
    taker: Literal["buy", "sell"] = "sell" if row.side == "buy" else "buy"
    trade = Trade(str(row.trade_id), at_ms, row.price, row.size, taker)
    return [TradeSeen(pair, trade, row.trade_id)]


class _Kind(Struct):
    type: str
    message: str = ""
    reason: str = ""
    product_id: str = ""


class _Ticker(Struct):
    product_id: str
    price: Number
    open_24h: Number = None
    volume_24h: Number = None  # base
    low_24h: Number = None
    high_24h: Number = None
    best_bid: Number = None
    best_ask: Number = None
    time: str | None = None


class _Match(Struct):
    product_id: str
    trade_id: Serial  # one more with each trade of the product
    price: float
    size: float
    side: Literal["buy", "sell"]  # the maker's
    time: str
