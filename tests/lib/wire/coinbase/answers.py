"""Coinbase's answers on paper."""

import json
from typing import Any

from lib.market import Pair

BTC_USD = Pair("BTC", "USD")
NOW_MS = 1_764_000_000_000  # Monday 2025-11-24 16:00 UTC, where the still clock stands
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
MONDAY_MS = 1_763_942_400_000  # 2025-11-24 00:00 UTC

TICKER = {
    "ask": "101.5",
    "bid": "100.5",
    "volume": "20.25",
    "trade_id": 7,
    "price": "101.00",
    "size": "0.1",
    "time": "2025-11-24T15:59:59.887123456Z",
    "rfq_volume": "0.5",
}
STATS = {"open": "80", "high": "110", "low": "75", "last": "101", "volume": "20.25"}
BOOK = {
    "bids": [["99.5", "2", 1], ["99.0", "1", 2]],
    "asks": [["100.5", "0.5", 1], ["101.0", "3", 4]],
    "sequence": 13051505638,
    "auction_mode": False,
    "auction": None,
    "time": "2025-11-24T15:59:58.5Z",
}
TRADES = [
    {
        "trade_id": 79,
        "side": "sell",
        "size": "0.2",
        "price": "101.5",
        "time": "2025-11-24T15:59:59.5Z",
    },
    {
        "trade_id": 78,
        "side": "buy",
        "size": "0.1",
        "price": "100.5",
        "time": "2025-11-24T15:59:58Z",
    },
]


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def bar(open_ms: int, close: float = 11.0, volume: float = 2.5) -> list[float]:
    """A bar as Coinbase writes it: low and high come before open and close."""
    return [open_ms // 1000, 9.0, 12.0, 10.0, close, volume]
