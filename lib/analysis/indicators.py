"""Technical indicators over closed candles, oldest first; NaN until there is enough history.

Definitions and warm-up are Wilder's and the usual charting ones, as TA-Lib computes them.
"""

import numpy as np

from lib.analysis.series import Floats


def sma(x: Floats, period: int) -> Floats:
    """Simple moving average."""
    made = np.full(len(x), np.nan)
    if len(x) >= period:
        made[period - 1 :] = np.lib.stride_tricks.sliding_window_view(x, period).mean(-1)
    return made


def ema(x: Floats, period: int) -> Floats:
    """Exponential moving average, seeded with the mean of the first `period` values."""
    return _smooth(x, period, 2 / (period + 1))


def rsi(close: Floats, period: int = 14) -> Floats:
    """Relative strength index 0..100; 0 where nothing moved at all, as TA-Lib has it."""
    move = np.diff(close)
    up = _smooth(move.clip(min=0), period, 1 / period)
    down = _smooth((-move).clip(min=0), period, 1 / period)
    total = up + down
    with np.errstate(invalid="ignore", divide="ignore"):
        made = np.where(total > 1e-14, 100 * up / total, np.where(np.isnan(total), np.nan, 0.0))
    return np.concatenate([np.full(min(1, len(close)), np.nan), made])


def macd(
    close: Floats, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[Floats, Floats, Floats]:
    """MACD line, its signal line, and the histogram between; all start together."""
    # The fast average is seeded so that both start at the same bar.
    lead = min(slow - fast, len(close))
    fast_line = np.concatenate([np.full(lead, np.nan), ema(close[lead:], fast)])
    line = fast_line - ema(close, slow)
    start = min(slow - 1, len(close))
    made = np.concatenate([np.full(start, np.nan), ema(line[start:], signal)])[: len(close)]
    line = np.where(np.isnan(made), np.nan, line)
    return line, made, line - made


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """The bar's range, the gap from the last close included; NaN at the first bar."""
    before = np.concatenate([[np.nan], close[:-1]])
    gap: Floats = np.maximum(np.abs(high - before), np.abs(low - before))
    return np.maximum(high - low, gap)


def atr(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Average true range after Wilder."""
    smooth = _smooth(true_range(high, low, close)[1:], period, 1 / period)
    return np.concatenate([np.full(min(1, len(close)), np.nan), smooth])


def bollinger(
    close: Floats, period: int = 20, deviations: float = 2.0
) -> tuple[Floats, Floats, Floats]:
    """Upper, middle and lower band; population deviation."""
    middle = sma(close, period)
    spread = np.full(len(close), np.nan)
    if len(close) >= period:
        spread[period - 1 :] = np.lib.stride_tricks.sliding_window_view(close, period).std(-1)
    return middle + deviations * spread, middle, middle - deviations * spread


def obv(close: Floats, volume: Floats) -> Floats:
    """On-balance volume; starts with the first bar's volume."""
    signed = np.sign(np.diff(close, prepend=close[:1])) * volume
    signed[:1] = volume[:1]
    return np.cumsum(signed)


def adx(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Average directional index 0..100: how much of the movement has a direction."""
    up, down = np.diff(high), -np.diff(low)
    plus = np.where((up > down) & (up > 0), up, 0.0)
    minus = np.where((down > up) & (down > 0), down, 0.0)
    ranges = true_range(high, low, close)[1:]
    plus_sum, minus_sum, range_sum = (_wilder_sum(x, period) for x in (plus, minus, ranges))
    with np.errstate(invalid="ignore", divide="ignore"):
        plus_share, minus_share = plus_sum / range_sum, minus_sum / range_sum
        index = 100 * np.abs(plus_share - minus_share) / (plus_share + minus_share)
    start = period - 1
    made = _smooth(np.nan_to_num(index[start:]), period, 1 / period)
    return np.concatenate([np.full(start + 1, np.nan), made])[: len(close)]


def stochastic(
    high: Floats, low: Floats, close: Floats, period: int = 14, slow: int = 3, signal: int = 3
) -> tuple[Floats, Floats]:
    """Slow %K and its %D: where the close stands in the recent range, 0..100."""
    if len(close) < period:
        return np.full(len(close), np.nan), np.full(len(close), np.nan)
    top = np.lib.stride_tricks.sliding_window_view(high, period).max(-1)
    bottom = np.lib.stride_tricks.sliding_window_view(low, period).min(-1)
    width = top - bottom
    place = np.where(
        width > 0, 100 * (close[period - 1 :] - bottom) / np.where(width > 0, width, 1), 0.0
    )
    k = sma(place, slow)
    d = np.concatenate([np.full(slow - 1, np.nan), sma(k[slow - 1 :], signal)])[: len(place)]
    lead = np.full(period - 1, np.nan)
    return np.concatenate([lead, np.where(np.isnan(d), np.nan, k)]), np.concatenate([lead, d])


def _smooth(x: Floats, period: int, weight: float) -> Floats:
    """Recursive average, seeded with the plain mean of the first `period` values."""
    made = np.full(len(x), np.nan)
    if len(x) < period:
        return made
    value = float(x[:period].mean())
    made[period - 1] = value
    rest = []
    for item in x[period:].tolist():
        value += weight * (item - value)
        rest.append(value)
    made[period:] = rest
    return made


def _wilder_sum(x: Floats, period: int) -> Floats:
    """Wilder's running sum, which starts one value short, as TA-Lib's directional index does."""
    made = np.full(len(x), np.nan)
    if len(x) < period:
        return made
    value = float(x[: period - 1].sum())
    rest = []
    for item in x[period - 1 :].tolist():
        value += item - value / period
        rest.append(value)
    made[period - 1 :] = rest
    return made
