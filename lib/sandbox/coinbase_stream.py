"""Coinbase Exchange's feed. https://docs.cdp.coinbase.com/exchange/websocket-feed/channels"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from lib.clock import iso_utc
from lib.sandbox.market import Listed
from lib.sandbox.streams import play
from lib.sandbox.tree import Tick
from lib.sandbox.world import FIRST_S, Row, World, decimal, short

Side: TypeAlias = dict[str, str]

_CHANNELS: Final = ("heartbeat", "ticker", "matches", "level2_batch")
_SHOWN: Final = {"level2_batch": "level2_50"}
_LEVELS: Final = 50


def routes(world: World, listed: Mapping[str, Listed]) -> list[WebSocketRoute]:
    """Its socket; `listed` by product."""

    async def stream(socket: WebSocket) -> None:
        await play(socket, world, "coinbase", lambda _: _Venue(world, listed))

    return [WebSocketRoute("/", stream)]


def iso_micros(time_ms: int) -> str:
    """A time as the venue writes it."""
    return iso_utc(time_ms).replace("Z", f".{time_ms % 1000:03}000Z")


class _Venue:
    def __init__(self, world: World, listed: Mapping[str, Listed]) -> None:
        self._world = world
        self._listed = listed
        self._joined: dict[tuple[str, str], None] = {}
        self._books: dict[str, tuple[Side, Side]] = {}

    def hear(self, text: str) -> Sequence[object]:
        try:
            asked: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
            verb, products, channels = asked["type"], asked["product_ids"], asked["channels"]
        except (msgspec.MsgspecError, KeyError):
            return [_error("Malformed JSON", "")]
        wrong = _wrong(verb, channels) or self._unlisted(products)
        if wrong:
            return [_error(f"Failed to {verb}", wrong)]
        keys = [(channel, product) for channel in channels for product in products]
        if verb == "unsubscribe":
            self._joined = {key: None for key in self._joined if key not in keys}
            return [self._subscriptions()]
        self._joined |= dict.fromkeys(keys)
        now_ms = self._world.now_ms()
        return [self._subscriptions(), *(row for key in keys for row in self._first(key, now_ms))]

    def beat(self, from_s: int, now_ms: int) -> Sequence[object]:
        return [row for key in self._joined for row in self._next(key, from_s, now_ms)]

    def _unlisted(self, products: Sequence[str]) -> str | None:
        unknown = [product for product in products if product not in self._listed]
        return f"{unknown[0]} is not a valid product" if unknown else None

    def _subscriptions(self) -> Row:
        products: dict[str, list[str]] = {}
        for channel, product in self._joined:
            products.setdefault(_SHOWN.get(channel, channel), []).append(product)
        rows = [{"name": name, "product_ids": ids} for name, ids in products.items()]
        return {"type": "subscriptions", "channels": rows}

    def _first(self, key: tuple[str, str], now_ms: int) -> Iterator[Row]:
        """What is so already."""
        channel, product = key
        if channel == "ticker":
            yield self._ticker(product, now_ms)
        elif channel == "matches":
            last = self._world.last(self._listed[product], now_ms // 1000)
            yield self._match(product, last) | {"type": "last_match"}
        elif channel == "level2_batch":
            bids, asks = self._books[product] = self._book(product, now_ms)
            sides = {"asks": list(asks.items()), "bids": list(bids.items())}
            yield {"type": "snapshot", "product_id": product, **sides}

    def _next(self, key: tuple[str, str], from_s: int, now_ms: int) -> Iterator[Row]:
        """What has become so since `from_s`."""
        channel, product = key
        at_s = now_ms // 1000
        if channel == "heartbeat":
            number = at_s - FIRST_S
            yield {
                "type": "heartbeat", "last_trade_id": number, "product_id": product,
                "sequence": number, "time": iso_micros(now_ms),
            }  # fmt: skip
        elif from_s > at_s:
            return
        elif channel == "ticker":
            yield self._ticker(product, now_ms)
        elif channel == "matches":
            listed = self._listed[product]
            for tick in self._world.trades(listed, at_s, min(at_s - from_s + 1, 60)):
                yield self._match(product, tick)
        elif channel == "level2_batch":
            old, new = self._books[product], self._book(product, now_ms)
            self._books[product] = new
            yield {
                "type": "l2update",
                "product_id": product,
                "changes": [*_changes("buy", old[0], new[0]), *_changes("sell", old[1], new[1])],
                "time": iso_micros(now_ms),
            }

    def _ticker(self, product: str, now_ms: int) -> Row:
        listed = self._listed[product]
        quote = self._world.quote(listed, now_ms // 1000)
        p, a = listed.price_decimals, listed.amount_decimals
        return {
            "type": "ticker",
            "sequence": quote.last.second - FIRST_S,
            "product_id": product,
            "price": short(quote.last.price, p),
            "open_24h": short(quote.day.open, p),
            "volume_24h": decimal(quote.day.volume, a, 8),
            "low_24h": short(quote.day.low, p),
            "high_24h": short(quote.day.high, p),
            "best_bid": short(quote.bid, p),
            "best_bid_size": decimal(quote.bid_amount, a, 8),
            "best_ask": short(quote.ask, p),
            "best_ask_size": decimal(quote.ask_amount, a, 8),
            "side": "buy" if quote.last.buy else "sell",
            "time": iso_micros(quote.last.second * 1000),
            "trade_id": quote.last.second - FIRST_S,
            "last_size": decimal(quote.last.amount, a, 8),
        }

    def _match(self, product: str, tick: Tick) -> Row:
        listed = self._listed[product]
        return {
            "type": "match",
            "trade_id": tick.second - FIRST_S,
            "side": "sell" if tick.buy else "buy",  # the maker's
            "size": decimal(tick.amount, listed.amount_decimals, 8),
            "price": decimal(tick.price, listed.price_decimals, 8),
            "product_id": product,
            "sequence": tick.second - FIRST_S,
            "time": iso_micros(tick.second * 1000),
        }

    def _book(self, product: str, now_ms: int) -> tuple[Side, Side]:
        listed = self._listed[product]
        p, a = listed.price_decimals, listed.amount_decimals
        bids, asks = (
            {short(price, p): decimal(amount, a, 8) for price, amount in side}
            for side in self._world.depth(listed, now_ms // 1000, _LEVELS)
        )
        return bids, asks


def _wrong(verb: object, channels: Sequence[object]) -> str | None:
    if verb not in ("subscribe", "unsubscribe"):
        return "Type must be subscribe or unsubscribe"
    if "level2" in channels:
        return "level2, level3, and full channels now require authentication"
    unknown = [channel for channel in channels if channel not in _CHANNELS]
    return f"{unknown[0]} is not a valid channel" if unknown else None


def _error(message: str, reason: str) -> Row:
    return {"type": "error", "message": message, "reason": reason}


def _changes(side: str, old: Side, new: Side) -> list[tuple[str, str, str]]:
    gone = [(side, price, "0") for price in old.keys() - new.keys()]
    return gone + [
        (side, price, amount) for price, amount in new.items() if old.get(price) != amount
    ]
