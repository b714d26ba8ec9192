"""Forecasts and signals as a ledger holds them, for tests to vary."""

from typing import Any

from lib.ledger.records import ForecastRecord, SignalRecord
from lib.market import Candle

HOUR_MS = 3_600_000
ORIGIN_MS = 1_764_000_000_000


def forecast(**given: Any) -> ForecastRecord:
    """One bar ahead from 100, all levels told; changed as given."""
    fields: dict[str, Any] = {
        "id": "f1",
        "world": "live",
        "model": "m",
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "horizon": 1,
        "origin_ms": ORIGIN_MS,
        "due_ms": ORIGIN_MS + HOUR_MS,
        "price": 100.0,
        "quantiles": (96.0, 97.0, 98.0, 99.0, 100.0, 101.0, 102.0, 103.0, 104.0),
        "reference_sigma": 0.02,
        "probability_up": 0.55,
        "served_ms": ORIGIN_MS + 1000,
    }
    return ForecastRecord(**(fields | given))


def signal(**given: Any) -> SignalRecord:
    """A buy at 100 with a target of 110 and a stop of 95, three bars long; changed as given."""
    fields: dict[str, Any] = {
        "id": "s1",
        "world": "live",
        "model": "m",
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "horizon": 3,
        "origin_ms": ORIGIN_MS,
        "due_ms": ORIGIN_MS + 3 * HOUR_MS,
        "type": "buy",
        "side": "buy",
        "entry": 100.0,
        "target": 110.0,
        "stop": 95.0,
        "confidence": 0.4,
        "expected_r": 0.2,
        "expected_r_net": 0.1,
        "served_ms": ORIGIN_MS + 1000,
    }
    return SignalRecord(**(fields | given))


def bar(at: int, low: float, high: float, close: float) -> Candle:
    """The bar that opens `at` hours after the origin."""
    return Candle(ORIGIN_MS + at * HOUR_MS, close, high, low, close, 1.0, True, False, close)
