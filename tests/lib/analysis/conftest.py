"""Made-up but lawful histories, the same each time, and the shipped models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lib.analysis.forecast import Forecaster, load_forecaster
from lib.market import Candle
from lib.timeframes import TIMEFRAME_MS

MODELS = Path(__file__).resolve().parents[3] / "lib" / "models"
START_MS = 1_704_067_200_000  # 2024-01-01
Rows = NDArray[np.float64]


def make_rows(bars: int, seed: int = 1, timeframe: str = "1h", sigma: float = 0.006) -> Rows:
    """A walk with clustered volatility: rows of (open time, open, high, low, close, volume)."""
    rng = np.random.default_rng(seed)
    swell = np.exp(0.5 * np.sin(np.arange(bars) / 37) + 0.3 * rng.standard_normal(bars))
    close = 100 * np.exp(np.cumsum(sigma * swell * rng.standard_normal(bars)))
    before = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(close, before) * np.exp(sigma * swell * rng.random(bars) / 2)
    low = np.minimum(close, before) * np.exp(-sigma * swell * rng.random(bars) / 2)
    volume = 1000 * swell * rng.random(bars)
    times = START_MS + TIMEFRAME_MS[timeframe] * np.arange(bars)
    return np.column_stack([times, before, high, low, close, volume])


def to_candles(rows: Rows) -> list[Candle]:
    """The rows as closed candles."""
    return [Candle(int(r[0]), *map(float, r[1:]), True) for r in rows]


@pytest.fixture(scope="session")
def rows() -> Callable[..., Rows]:
    """Make rows of a history."""
    return make_rows


@pytest.fixture(scope="session")
def candles() -> Callable[..., list[Candle]]:
    """Make closed candles of a history."""
    return lambda *args, **kwargs: to_candles(make_rows(*args, **kwargs))


@pytest.fixture(scope="session")
def as_candles() -> Callable[[Rows], list[Candle]]:
    """Turn rows into closed candles."""
    return to_candles


@pytest.fixture(scope="session")
def forecaster() -> Forecaster:
    """The models that are shipped."""
    return load_forecaster(MODELS)
