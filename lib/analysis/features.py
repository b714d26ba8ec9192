"""What the members see: volatility at several speeds, and each bar in units of it.

Everything at bar t is a function of the last `MEMORY` bars up to t, so a short window and a whole
history give the same numbers, and nothing later than t can enter.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis.past import Past
from lib.analysis.series import Bars, Floats
from lib.timeframes import DAY_MS, HOUR_MS

Singles = NDArray[np.float32]

STEPS = 63  # bars that the recurrent and the pattern member read
MEMORY = 512
BAR_INPUTS = 15
STATE_INPUTS = 43

_RETURN_SPEEDS = ((3.0, 32), (12.0, 128), (48.0, 512))  # half-life, bars kept
_RANGE_SPEEDS = ((1.5, 16), (6.0, 64), (24.0, 256), (96.0, 512))
_DRIFT_SPEEDS = ((12.0, 128), (6.0, 64), (36.0, 256))
_VOLUME_SPEED = (3.0, 32)
_PRIOR_LOG_SIGMA = {"1h": -4.57, "4h": -3.81, "1d": -2.68}  # medians before the test period
_MOVES_WANTED = 20  # fewer moves in the memory say little: blend in the pooled volatility


class Features(NamedTuple):
    """At each bar `[S, T]`: scale, the state of volatility, and the bar itself."""

    log_sigma: Floats  # of one bar's log return, over the memory
    state: Singles  # [S, T, STATE_INPUTS]
    bars: Singles  # [S, T, BAR_INPUTS]
    missing: Floats  # share of bars without trades among the last STEPS


def measure(bars: Bars, timeframe: str, newest: int | None = None) -> Features:
    """Measure every bar of the grid, causally, or only the `newest` at its end."""
    real = bars.real.astype(np.float64)
    past = Past(real, newest)
    move = _moves(bars)
    spread = np.log(bars.high / bars.low).clip(0, 1.5)
    square = move**2
    park = spread**2 / (4 * np.log(2)) * real

    prior = _PRIOR_LOG_SIGMA[timeframe]
    weight = np.maximum(past.sum(real, MEMORY), 1e-9)
    moves = past.sum(np.where(square > 0, 1.0, 0.0), MEMORY)
    known = np.minimum(moves / _MOVES_WANTED, 1.0)
    usual = (1 - known) * np.exp(2 * prior)
    variance = known * past.sum(0.5 * (square + park), MEMORY) / weight + usual
    log_sigma = 0.5 * np.log(variance.clip(1e-14))
    sigma = np.exp(log_sigma)

    speeds = [_ratio(past, square, variance, known, *speed) for speed in _RETURN_SPEEDS]
    speeds += [_ratio(past, park, variance, known, *speed) for speed in _RANGE_SPEEDS]
    slow = known * past.sum(square, MEMORY) / weight + (1 - known) * variance
    volume = _volume_ratio(past, bars.volume)
    fast_volume = past.mean(volume, *_VOLUME_SPEED)
    drift, near, far = (past.mean(move, *speed) for speed in _DRIFT_SPEEDS)

    o, h, low, c, now, seen, stretch, volume = map(
        past.last, (bars.open, bars.high, bars.low, bars.close, real, move, spread, volume)
    )
    open_ms = bars.open_ms if newest is None else bars.open_ms[:, -newest:]
    move_in_sigma = seen / sigma
    state = [
        *speeds,
        0.5 * np.log((slow + 0.02 * variance) / variance),
        fast_volume,
        np.abs(move_in_sigma).clip(0, 6),
        np.log1p(np.abs(drift) / sigma * 5),
    ]
    season = _season(open_ms, timeframe)
    state_inputs = np.concatenate([np.stack(state, -1), season, np.ones_like(season[..., :1])], -1)

    body = np.abs(c - o) / c
    top = np.log(h / np.maximum(o, c)) / sigma
    bottom = np.log(np.minimum(o, c) / low) / sigma
    place = (2 * c - h - low) / (h - low).clip(1e-300)
    day = 2 * np.pi * (open_ms % DAY_MS) / DAY_MS
    week = 2 * np.pi * ((open_ms // DAY_MS) % 7) / 7
    inputs = [
        np.arcsinh(move_in_sigma),
        np.log1p(stretch / sigma),
        np.log1p((body / sigma).clip(0, 60)),
        np.where(h > low, place, 0.0),
        np.log1p(top.clip(0, 60)),
        np.log1p(bottom.clip(0, 60)),
        volume,
        speeds[0],
        speeds[4],
        speeds[5],
        (near / sigma).clip(-3, 3),
        (far / sigma).clip(-1, 1) * 3,
        np.sin(day),
        np.cos(day),
        np.sin(week),
    ]
    bar_inputs = np.stack([x * now for x in inputs], -1).clip(-6, 6)
    missing = 1 - past.sum(real, 64) / 64
    return Features(
        log_sigma, state_inputs.astype(np.float32), bar_inputs.astype(np.float32), missing
    )


def _ratio(
    past: Past, x: Floats, variance: Floats, known: Floats, half_life: float, kept: int
) -> Floats:
    """Log volatility at one speed, against the slow one."""
    fast = known * past.mean(x, half_life, kept) + (1 - known) * variance
    made: Floats = 0.5 * np.log((fast + 0.02 * variance) / (1.02 * variance)).clip(-6, 6)
    return made


def _moves(bars: Bars) -> Floats:
    """Log return of each traded bar; one over a hole is spread over the bars it took."""
    size = bars.close.shape[1]
    at = np.arange(size)
    before = np.maximum.accumulate(np.where(bars.real, at, -1), axis=1)
    before = np.concatenate([np.full_like(before[:, :1], -1), before[:, :-1]], axis=1)
    previous = np.where(
        before >= 0, np.take_along_axis(bars.close, before.clip(0), axis=1), bars.open
    )
    took = np.where(before >= 0, at - before, 1)
    move = np.log(bars.close / previous).clip(-1, 1) / np.sqrt(took)
    made: Floats = np.where(bars.real, move, 0.0)
    return made


def _volume_ratio(past: Past, volume: Floats) -> Floats:
    """Log of a bar's volume against the last two weeks' mean; 0 where there is none at all.

    Reaches as far back as the mean that is taken of it.
    """
    usual = past.mean(volume, 96.0, MEMORY, before=_VOLUME_SPEED[1] - 1)
    size = usual.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(volume[:, -size:] / usual)
    told = np.where(usual > 0, np.nan_to_num(ratio, neginf=-4.0).clip(-4, 4), 0.0)
    return told * past.real[:, -size:]


def _season(open_ms: NDArray[np.int64], timeframe: str) -> Floats:
    """Hour of day and day of week, one column each; days have no hour."""
    hour = (open_ms % DAY_MS) // HOUR_MS
    weekday = (open_ms // DAY_MS) % 7
    hours = (hour[..., None] == np.arange(24)) * float(timeframe != "1d")
    return np.concatenate([hours, (weekday[..., None] == np.arange(7)) * 1.0], -1)
