"""Kraken's public streams, version 2. https://docs.kraken.com/api/docs/websocket-v2/ticker"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from zlib import crc32

import msgspec
from msgspec import Raw
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from lib.sandbox.kraken_pairs import PAIRS
from lib.sandbox.market import Listed
from lib.sandbox.streams import play
from lib.sandbox.world import FIRST_S, Row, World, decimal

Side: TypeAlias = dict[str, str]

_BY_NAME: Final = {f"{pair.base}/{pair.quote}": pair.listed for pair in PAIRS.values()}
_CHANNELS: Final = frozenset({"ticker", "trade", "ohlc", "book"})
_MINUTES: Final = frozenset({1, 5, 15, 30, 60, 240, 1440})


def routes(world: World) -> list[WebSocketRoute]:
    """Its socket."""

    async def stream(socket: WebSocket) -> None:
        await play(socket, world, "kraken", lambda _: _Venue(world))

    return [WebSocketRoute("/v2", stream)]


class _Venue:
    def __init__(self, world: World) -> None:
        self._world = world
        self._joined: dict[tuple[str, str, int], None] = {}
        self._books: dict[str, tuple[Side, Side]] = {}

    def hear(self, text: str) -> Sequence[object]:
        try:
            asked: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError:
            return [{"error": "Malformed request", "success": False, "method": "subscribe"}]
        if asked.get("method") == "ping":
            return [{"method": "pong"}]
        params = asked.get("params") or {}
        channel, minutes = params.get("channel"), params.get("interval", 0)
        method = asked.get("method")
        answers: list[object] = []
        for symbol in params.get("symbol", ()):
            wrong = _wrong(method, channel, symbol, minutes)
            if wrong:
                answers.append(
                    {"error": wrong, "method": method, "success": False, "symbol": symbol}
                )
                continue
            key = (str(channel), symbol, minutes)
            if method == "subscribe":
                self._joined[key] = None
            else:
                self._joined.pop(key, None)
            result = {"channel": channel, "symbol": symbol}
            answers.append({"method": method, "result": result, "success": True})
            if method == "subscribe":
                answers += self._told(key, self._world.now_s(), self._world.now_ms(), "snapshot")
        return answers

    def beat(self, from_s: int, now_ms: int) -> Sequence[object]:
        frames: list[object] = [{"channel": "heartbeat"}]
        for key in self._joined:
            frames += self._told(key, from_s, now_ms, "update")
        return frames

    def _told(self, key: tuple[str, str, int], from_s: int, now_ms: int, kind: str) -> list[object]:
        channel, symbol, minutes = key
        listed = _BY_NAME[symbol]
        if channel == "ticker":
            rows = [self._ticker(listed, symbol, now_ms)]
        elif channel == "trade":
            rows = self._trades(listed, symbol, from_s, now_ms) if kind == "update" else []
        elif channel == "book":
            rows = [self._book(listed, symbol, now_ms, whole=kind == "snapshot")]
        else:
            rows = [self._bar(listed, symbol, minutes, now_ms)]
        return [{"channel": channel, "type": kind, "data": rows}] if rows else []

    def _ticker(self, listed: Listed, symbol: str, now_ms: int) -> Row:
        unit, lot = 10**listed.price_decimals, 10**listed.amount_decimals
        quote = self._world.quote(listed, now_ms // 1000)
        day, last = quote.day, quote.last.price
        return {
            "symbol": symbol,
            "bid": quote.bid / unit,
            "bid_qty": quote.bid_amount / lot,
            "ask": quote.ask / unit,
            "ask_qty": quote.ask_amount / lot,
            "last": last / unit,
            "volume": day.volume / lot,
            "vwap": day.quote / 10**listed.quote_decimals / (day.volume / lot),
            "low": day.low / unit,
            "high": day.high / unit,
            "change": round((last - day.open) / unit, listed.price_decimals),
            "change_pct": round((last - day.open) / day.open * 100, 2),
            "timestamp": _iso(now_ms),
        }

    def _trades(self, listed: Listed, symbol: str, from_s: int, now_ms: int) -> list[Row]:
        at_s = now_ms // 1000
        unit, lot = 10**listed.price_decimals, 10**listed.amount_decimals
        return [
            {
                "symbol": symbol,
                "side": "buy" if tick.buy else "sell",
                "price": tick.price / unit,
                "qty": tick.amount / lot,
                "ord_type": "limit",
                "trade_id": tick.second - FIRST_S,
                "timestamp": _iso(tick.second * 1000),
            }
            for tick in self._world.trades(listed, at_s, min(at_s - from_s + 1, 60))
            if from_s <= at_s
        ]

    def _book(self, listed: Listed, symbol: str, now_ms: int, *, whole: bool) -> Row:
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            {decimal(price, p): decimal(amount, a) for price, amount in side}
            for side in self._world.depth(listed, now_ms // 1000, 25)
        )
        old_bids, old_asks = ({}, {}) if whole else self._books[symbol]
        self._books[symbol] = (bids, asks)
        return {
            "symbol": symbol,
            "bids": _changes(old_bids, bids),
            "asks": _changes(old_asks, asks),
            "checksum": _sum(bids, asks),
            "timestamp": _iso(now_ms),
        }

    def _bar(self, listed: Listed, symbol: str, minutes: int, now_ms: int) -> Row:
        unit, lot = 10**listed.price_decimals, 10**listed.amount_decimals
        (bar,) = self._world.window(listed, minutes * 60, 1)
        return {
            "symbol": symbol,
            "open": bar.open / unit,
            "high": bar.high / unit,
            "low": bar.low / unit,
            "close": bar.close / unit,
            "trades": bar.trades,
            "volume": bar.volume / lot,
            "vwap": bar.quote / 10**listed.quote_decimals / (bar.volume / lot),
            "interval_begin": _iso(bar.open_ms),
            "interval": minutes,
            "timestamp": _iso(now_ms),
        }


def _wrong(method: object, channel: object, symbol: object, minutes: object) -> str | None:
    if method not in ("subscribe", "unsubscribe") or channel not in _CHANNELS:
        return "Method or channel not supported"
    if symbol not in _BY_NAME:
        return f"Currency pair not supported {symbol}"
    if channel == "ohlc" and minutes not in _MINUTES:
        return "Invalid interval"
    return None


def _changes(old: Side, new: Side) -> list[Row]:
    gone = [{"price": Raw(price.encode()), "qty": Raw(b"0.0")} for price in old.keys() - new.keys()]
    return gone + [
        {"price": Raw(price.encode()), "qty": Raw(qty.encode())}
        for price, qty in new.items()
        if old.get(price) != qty
    ]


def _sum(bids: Side, asks: Side) -> int:
    best = [*list(asks.items())[:10], *list(bids.items())[:10]]
    digits = "".join(part.replace(".", "").lstrip("0") for level in best for part in level)
    return crc32(digits.encode())


def _iso(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
