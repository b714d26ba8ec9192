"""Kraken's answers on paper."""

import json
from typing import Any

from lib.market import Pair

BTC_USD = Pair("BTC", "USD")
BCH_EUR = Pair("BCH", "EUR")
NOW_MS = 1_764_000_000_000  # Monday 2025-11-24 16:00 UTC
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MONDAY_MS = 1_763_942_400_000  # 2025-11-24 00:00 UTC


def answer(result: Any, *errors: str) -> bytes:
    return json.dumps({"error": list(errors), "result": result}).encode()


def row(last: str = "100.0", **changed: Any) -> dict[str, Any]:
    """A pair's ticker as Kraken writes it: two columns are of today and of the last 24 hours."""
    ticker: dict[str, Any] = {
        "a": ["101.0", "1", "1.000"],
        "b": ["99.0", "2", "2.000"],
        "c": [last, "0.5"],
        "v": ["10.0", "20.0"],
        "p": ["98.0", "97.0"],
        "t": [5, 9],
        "l": ["95.0", "90.0"],
        "h": ["105.0", "110.0"],
        "o": "96.0",
    }
    return ticker | changed


def ohlc(open_ms: int, close: str = "11.0", volume: str = "2.5") -> list[Any]:
    return [open_ms // 1000, "10.0", "12.0", "9.0", close, "10.5", volume, 7]


# the provider on the wire

BOOK = answer({"XXBTZUSD": {"bids": [["9", "1", 1]], "asks": [["10", "1", 1]]}})
TRADES = answer({"XXBTZUSD": [["9", "1", 1_764_000_000.5, "b", "m", "", 1]], "last": "1"})
BARS = answer({"XXBTZUSD": [ohlc(NOW_MS - HOUR_MS), ohlc(NOW_MS)], "last": 1})
BOARD = answer({"XXBTZUSD": row(), "ZEURZUSD": row("1.25")})
PAIRS = answer({"XXBTZUSD": {"wsname": "XBT/USD"}})
