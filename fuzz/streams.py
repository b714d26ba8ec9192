"""Every venue's stream, from recorded frames and the examples in the venues' own documents."""

import json
from collections.abc import Callable, Iterator
from typing import Final

from fuzz.seeds import recorded, recorded_frames
from fuzz.target import Target, of_bodies
from lib.errors import SourceError, SourceMalformed
from lib.streams.base import VenueStream, read_json
from lib.streams.binance import BinanceStream
from lib.streams.coinbase import CoinbaseStream
from lib.streams.kraken import KrakenStream
from lib.streams.kucoin import KuCoinStream, parse_address
from lib.streams.okx import OkxStream

_BAR: Final = {"t": 1764000000000, "T": 1764003599999, "s": "BTCUSDT", "i": "1h", "o": "1", "c": "2",
               "h": "3", "l": "1", "v": "9", "n": 4, "x": False, "q": "18"}  # fmt: skip

FRAMES: Final[dict[str, tuple[object, ...]]] = {
    "binance": (
        {"stream": "btcusdt@ticker", "data": {"e": "24hrTicker", "s": "BTCUSDT", "c": "5", "C": 1764000000000,
         "P": "1.5", "b": "4.9", "a": "5.1", "h": "6", "l": "4", "v": "10", "q": "50"}},
        {"stream": "!miniTicker@arr", "data": [{"e": "24hrMiniTicker", "s": "BTCUSDT", "E": 1764000000000,
         "c": "5", "o": "4", "h": "6", "l": "4", "v": "10", "q": "50"}]},
        {"stream": "btcusdt@trade", "data": {"e": "trade", "s": "BTCUSDT", "t": 7, "p": "5", "q": "1",
         "T": 1764000000000, "m": True}},
        {"stream": "btcusdt@depth20", "data": {"lastUpdateId": 1, "bids": [["4", "1"]], "asks": [["5", "1"]]}},
        {"stream": "btcusdt@kline_1h", "data": {"e": "kline", "E": 1764000001000, "s": "BTCUSDT", "k": _BAR}},
        {"result": None, "id": 1},
        {"error": {"code": 2, "msg": "Invalid request"}, "id": 1},
    ),
    "coinbase": (
        {"type": "ticker", "product_id": "BTC-USD", "price": "5", "open_24h": "4", "volume_24h": "10",
         "low_24h": "4", "high_24h": "6", "best_bid": "4.9", "best_ask": "5.1", "time": "2025-11-24T16:00:00.1Z"},
        {"type": "match", "product_id": "BTC-USD", "trade_id": 7, "price": "5", "size": "1", "side": "buy",
         "time": "2025-11-24T16:00:00.1Z"},
        {"type": "snapshot", "product_id": "BTC-USD", "bids": [["4", "1"]], "asks": [["5", "1"]]},
        {"type": "l2update", "product_id": "BTC-USD", "changes": [["buy", "4", "2"], ["sell", "6", "0.00"]],
         "time": "2025-11-24T16:00:00.1Z"},
        {"type": "error", "message": "Failed to subscribe", "reason": "AB-CD is not a valid product"},
    ),
    "kraken": (
        {"channel": "ticker", "type": "update", "data": [{"symbol": "BTC/USD", "last": 5, "bid": 4.9, "ask": 5.1,
         "high": 6, "low": 4, "volume": 10, "vwap": 5, "change_pct": 1.5, "timestamp": "2025-11-24T16:00:00Z"}]},
        {"channel": "trade", "type": "update", "data": [{"symbol": "BTC/USD", "side": "buy", "price": 5, "qty": 1,
         "trade_id": 7, "timestamp": "2025-11-24T16:00:00.5Z", "ord_type": "market"}]},
        {"channel": "ohlc", "type": "update", "data": [{"symbol": "BTC/USD", "open": 1, "high": 3, "low": 1,
         "close": 2, "volume": 9, "vwap": 2, "interval": 60, "interval_begin": "2025-11-24T16:00:00Z",
         "timestamp": "2025-11-24T16:30:00Z"}]},
        {"channel": "book", "type": "snapshot", "data": [{"symbol": "BTC/USD", "bids": [{"price": 4, "qty": 1}],
         "asks": [{"price": 5, "qty": 1}], "checksum": 703376357, "timestamp": "2025-11-24T16:00:00Z"}]},
        {"method": "subscribe", "success": False, "error": "Currency pair not supported", "symbol": "AB/CD"},
    ),
    "kucoin": (
        {"type": "message", "topic": "/market/snapshot:BTC-USDT", "data": {"sequence": "1", "data": {"symbol":
         "BTC-USDT", "lastTradedPrice": 5, "buy": 4.9, "sell": 5.1, "high": 6, "low": 4, "changeRate": 0.01,
         "vol": 10, "volValue": 50, "datetime": 1764000000000}}},
        {"type": "message", "topic": "/market/match:BTC-USDT", "data": {"symbol": "BTC-USDT", "sequence": "7",
         "side": "buy", "price": "5", "size": "1", "time": "1764000000000000000"}},
        {"type": "message", "topic": "/market/candles:BTC-USDT_1hour", "data": {"symbol": "BTC-USDT", "candles":
         ["1764000000", "1", "2", "3", "1", "9", "18"], "time": 1764000000000000000}},
        {"type": "message", "topic": "/spotMarket/level2Depth50:BTC-USDT", "data": {"bids": [["4", "1"]], "asks":
         [["5", "1"]], "timestamp": 1764000000000}},
        {"type": "error", "code": 404, "data": "topic is not found"},
    ),
    "okx": (
        {"arg": {"channel": "tickers", "instId": "BTC-USDT"}, "data": [{"last": "5", "ts": "1764000000000",
         "askPx": "5.1", "bidPx": "4.9", "open24h": "4", "high24h": "6", "low24h": "4", "vol24h": "10",
         "volCcy24h": "50"}]},
        {"arg": {"channel": "trades", "instId": "BTC-USDT"}, "data": [{"tradeId": "7", "px": "5", "sz": "1",
         "side": "buy", "ts": "1764000000000"}]},
        {"arg": {"channel": "books5", "instId": "BTC-USDT"}, "data": [{"bids": [["4", "1", "0", "1"]], "asks":
         [["5", "1", "0", "1"]], "ts": "1764000000000"}]},
        {"event": "error", "code": "60018", "msg": "Wrong URL or instId:AB-CD doesn't exist"},
    ),
}  # fmt: skip
"""A frame of each kind that is read."""

BULLET: Final = (
    b'{"code":"200000","data":{"token":"2neAiuYvAU61ZD","instanceServers":[{"endpoint":'
    b'"wss://ws-api.kucoin.com/endpoint","encrypt":true,"protocol":"websocket","pingInterval":18000,'
    b'"pingTimeout":10000}]}}',
)


async def _nobody() -> bytes:
    raise AssertionError("nobody is asked for an address here")


STREAMS: Final[dict[str, Callable[[], VenueStream]]] = {
    "binance": BinanceStream,
    "coinbase": CoinbaseStream,
    "kraken": KrakenStream,
    "kucoin": lambda: KuCoinStream(_nobody),
    "okx": OkxStream,
}
RECORDINGS: Final = {"binance": "binance_spot", "kucoin": "kucoin_spot"}


def load_targets() -> Iterator[Target]:
    """Each venue's frames, as text and as bytes, and the address that KuCoin hands out."""
    for name, make in STREAMS.items():
        seeds = tuple(json.dumps(frame).encode() for frame in FRAMES[name])
        seeds += recorded_frames(RECORDINGS.get(name, name))
        yield of_bodies(f"streams.{name}", _reading(make()), seeds, (SourceError,))
    bullets = BULLET + recorded("kucoin/sdk2024_bullet_public")
    yield of_bodies(
        "streams.kucoin.parse_address",
        lambda body: parse_address(body, None),
        bullets,
        (SourceError,),
    )
    frames = tuple(json.dumps(frame).encode() for frame in FRAMES["okx"])
    yield of_bodies("streams.read_json", _any_json, frames,
                    (SourceMalformed,))  # fmt: skip


def _any_json(frame: bytes) -> None:
    read_json(frame)


def _reading(stream: VenueStream) -> Callable[[bytes], object]:
    """Frames come as text where they can be text at all."""

    def read(frame: bytes) -> object:
        try:
            return stream.parse(frame.decode())
        except UnicodeDecodeError:
            return stream.parse(frame)

    return read
