"""Candles that wander, from a seed: for what must hold of any market."""

from math import exp
from random import Random
from typing import Any

from lib.market import Candle
from lib.timeframes import HOUR_MS, open_of
from tests.house import NOW_MS

LAST_MS = open_of(NOW_MS, "1h")
"""When the running bar of an hour opened."""


def walk(count: int, seed: int = 1, sigma: float = 0.01) -> tuple[Candle, ...]:
    """So many closed hours up to now."""
    chance = Random(seed)
    made, price = [], 100.0
    for at in range(count):
        opened, price = price, price * exp(chance.gauss(0, sigma))
        high, low = max(opened, price) * 1.003, min(opened, price) * 0.997
        start = LAST_MS + (at - count) * HOUR_MS
        volume = 10 + chance.random()
        made.append(Candle(start, opened, high, low, price, volume, True, False, volume * price))
    return tuple(made)


def wire(candles: tuple[Candle, ...]) -> list[list[Any]]:
    """The same as Binance would write them."""
    return [
        [
            bar.open_ms, str(bar.open), str(bar.high), str(bar.low), str(bar.close),
            str(bar.volume), bar.open_ms + HOUR_MS - 1, str(bar.quote_volume), 9, "1", "1", "0",
        ]
        for bar in candles
    ]  # fmt: skip
