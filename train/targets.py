"""What came after each bar: returns, volatility, and which barrier was touched first."""

import numpy as np
from numpy.typing import NDArray

from lib.analysis.series import Bars, Floats

Codes = NDArray[np.int8]
TARGET, STOP, TIMEOUT = 0, 1, 2


def future_returns(close: Floats, horizons: tuple[int, ...]) -> Floats:
    """Log return over each horizon `[T, H]`; NaN where the history ends before."""
    logs = np.log(close)
    made = np.full((len(close), len(horizons)), np.nan)
    for i, h in enumerate(horizons):
        made[:-h, i] = logs[h:] - logs[:-h]
    return made


def future_log_volatility(bars: Bars, horizons: tuple[int, ...], floor: Floats) -> Floats:
    """Log of the root mean variance per bar over each horizon: `[T, H]` of one grid `[1, T]`."""
    close, size = bars.close[0], bars.close.shape[1]
    square = np.diff(np.log(close), prepend=np.log(close[0])).clip(-1, 1) ** 2
    park = np.log(bars.high[0] / bars.low[0]).clip(0, 1.5) ** 2 / (4 * np.log(2))
    total = np.concatenate([[0.0], np.cumsum(0.5 * (square + park))])
    made = np.full((size, len(horizons)), np.nan)
    for i, h in enumerate(horizons):
        mean = (total[h + 1 :] - total[1:-h]) / h
        made[:-h, i] = 0.5 * np.log(mean.clip(0) + floor[:-h])
    return made


def first_touch(bars: Bars, target: Floats, stop: Floats, bars_ahead: int) -> tuple[Codes, Floats]:
    """Which of two prices each bar's successors reach first, and the close that ends the trade.

    The stop is below the target for a long, above it for a short; a bar that holds both counts as
    the stop. -1 where the history ends before the trade does.
    """
    high, low, close = bars.high[0], bars.low[0], bars.close[0]
    up = target > stop
    size = len(close)
    code = np.full(size, TIMEOUT, dtype=np.int8)
    opened = np.ones(size, dtype=np.bool_)
    exit_close = np.full(size, np.nan)
    for k in range(1, bars_ahead + 1):
        h = np.append(high[k:], np.full(k, np.nan))
        lo = np.append(low[k:], np.full(k, np.nan))
        with np.errstate(invalid="ignore"):
            stopped = opened & np.where(up, lo <= stop, h >= stop)
            reached = opened & ~stopped & np.where(up, h >= target, lo <= target)
        code[stopped], code[reached] = STOP, TARGET
        opened &= ~(stopped | reached)
    exit_close[:-bars_ahead] = close[bars_ahead:]
    code[opened & np.isnan(exit_close)] = -1
    return code, exit_close
