"""Binance's market streams.
https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from lib.sandbox.binance_rules import LISTED
from lib.sandbox.market import Listed
from lib.sandbox.streams import play
from lib.sandbox.world import FIRST_S, Row, World, decimal

TABLE: Final = "!miniTicker@arr"
_INTERVALS_S: Final = {
    "1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400,
    "1w": 604_800,
}  # fmt: skip
_DAY: Final = {
    "s": "symbol", "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice",
    "x": "prevClosePrice", "c": "lastPrice", "Q": "lastQty", "b": "bidPrice", "B": "bidQty",
    "a": "askPrice", "A": "askQty", "o": "openPrice", "h": "highPrice", "l": "lowPrice",
    "v": "volume", "q": "quoteVolume", "O": "openTime", "C": "closeTime", "F": "firstId",
    "L": "lastId", "n": "count",
}  # fmt: skip
_MINI: Final = ("s", "c", "o", "h", "l", "v", "q")

Day = Callable[[str, int], Row]


def routes(world: World, day: Day) -> list[WebSocketRoute]:
    """Its sockets: `/stream` with names around the data, `/ws/NAME` without."""

    async def combined(socket: WebSocket) -> None:
        await play(socket, world, "binance", lambda one: _Venue(world, day, one, wrapped=True))

    async def single(socket: WebSocket) -> None:
        await play(socket, world, "binance", lambda one: _Venue(world, day, one, wrapped=False))

    return [
        WebSocketRoute("/stream", combined),
        WebSocketRoute("/ws", single),
        WebSocketRoute("/ws/{names:path}", single),
    ]


class _Venue:
    def __init__(self, world: World, day: Day, socket: WebSocket, *, wrapped: bool) -> None:
        self._world = world
        self._day = day
        self._wrapped = wrapped
        names = socket.query_params.get("streams") or socket.path_params.get("names", "")
        self._names = dict.fromkeys(filter(None, names.split("/")))

    def hear(self, text: str) -> Sequence[object]:
        try:
            asked: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
            method, number = asked["method"], asked.get("id")
            names = dict.fromkeys(str(name) for name in asked.get("params", ()))
        except (msgspec.MsgspecError, KeyError, TypeError):
            return [{"error": {"code": 2, "msg": "Invalid request"}}]
        if method == "SUBSCRIBE":
            self._names |= names
        elif method == "UNSUBSCRIBE":
            self._names = {name: None for name in self._names if name not in names}
        elif method == "LIST_SUBSCRIPTIONS":
            return [{"result": list(self._names), "id": number}]
        return [{"result": None, "id": number}]

    def beat(self, from_s: int, now_ms: int) -> Sequence[object]:
        return [
            {"stream": name, "data": data} if self._wrapped else data
            for name in self._names
            for data in self._data(name, from_s, now_ms)
        ]

    def _data(self, name: str, from_s: int, now_ms: int) -> Iterator[object]:
        if name == TABLE:
            yield [self._mini(symbol, now_ms) for symbol in LISTED]
            return
        symbol, _, kind = name.partition("@")
        symbol = symbol.upper()
        listed = LISTED.get(symbol)
        if listed is None:
            return
        if kind == "ticker":
            yield {"e": "24hrTicker", "E": now_ms, **self._row(symbol, now_ms)}
        elif kind == "miniTicker":
            yield self._mini(symbol, now_ms)
        elif kind == "trade":
            yield from self._trades(listed, symbol, from_s, now_ms)
        elif kind.startswith("kline_"):
            yield self._bar(listed, symbol, kind.removeprefix("kline_"), now_ms)
        elif kind.startswith("depth"):
            yield self._book(listed, now_ms)

    def _row(self, symbol: str, now_ms: int) -> Row:
        day = self._day(symbol, now_ms)
        return {short: day[long] for short, long in _DAY.items()}

    def _mini(self, symbol: str, now_ms: int) -> Row:
        row = self._row(symbol, now_ms)
        return {"e": "24hrMiniTicker", "E": now_ms, **{key: row[key] for key in _MINI}}

    def _trades(self, listed: Listed, symbol: str, from_s: int, now_ms: int) -> Iterator[Row]:
        p, a, at_s = listed.price_decimals, listed.amount_decimals, now_ms // 1000
        if from_s > at_s:
            return
        for tick in self._world.trades(listed, at_s, min(at_s - from_s + 1, 60)):
            yield {
                "e": "trade",
                "E": now_ms,
                "s": symbol,
                "t": tick.second - FIRST_S,
                "p": decimal(tick.price, p, 8),
                "q": decimal(tick.amount, a, 8),
                "T": tick.second * 1000,
                "m": not tick.buy,
                "M": True,
            }

    def _bar(self, listed: Listed, symbol: str, interval: str, now_ms: int) -> Row:
        p, a, q = listed.price_decimals, listed.amount_decimals, listed.quote_decimals
        step_s = _INTERVALS_S.get(interval, 60)
        (bar,) = self._world.window(listed, step_s, 1, monday=interval == "1w")
        ends_ms = bar.open_ms + step_s * 1000
        bars = {
            "t": bar.open_ms,
            "T": ends_ms - 1,
            "s": symbol,
            "i": interval,
            "f": bar.open_ms // 1000 - FIRST_S,
            "L": now_ms // 1000 - FIRST_S,
            "o": decimal(bar.open, p, 8),
            "c": decimal(bar.close, p, 8),
            "h": decimal(bar.high, p, 8),
            "l": decimal(bar.low, p, 8),
            "v": decimal(bar.volume, a, 8),
            "n": bar.trades,
            "x": now_ms // 1000 == ends_ms // 1000 - 1,  # the last second's trade is in it
            "q": decimal(bar.quote, q, 8),
            "V": decimal(bar.volume // 2, a, 8),
            "Q": decimal(bar.quote // 2, q, 8),
            "B": "0",
        }
        return {"e": "kline", "E": now_ms, "s": symbol, "k": bars}

    def _book(self, listed: Listed, now_ms: int) -> Row:
        p, a, at_s = listed.price_decimals, listed.amount_decimals, now_ms // 1000
        bids, asks = (
            [[decimal(price, p, 8), decimal(amount, a, 8)] for price, amount in side]
            for side in self._world.depth(listed, at_s, 20)
        )
        return {"lastUpdateId": at_s, "bids": bids, "asks": asks}
