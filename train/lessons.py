"""From candle files to what the members learn: one row an origin."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis.features import STEPS, measure
from lib.analysis.indicators import atr
from lib.analysis.network import HORIZONS, UP_HORIZONS
from lib.analysis.series import LEAST, Bars, Floats, Ints
from lib.timeframes import HOUR_MS, TIMEFRAME_MS
from train.data import read_folder, to_bars, utc_ms
from train.plan import TEST_FROM, Plan
from train.targets import first_touch, future_log_volatility, future_returns

BARRIER_BARS = 24
_UP = [HORIZONS.index(h) for h in UP_HORIZONS]
_SEASON_FROM = 11  # columns of the state before the one-hot season


class Lessons(NamedTuple):
    """One row an origin, symbols after each other, each preceded by STEPS - 1 rows of zeros."""

    bars: NDArray[np.float32]
    state: NDArray[np.float32]
    outcome: NDArray[np.float32]  # returns over HAR scale, [N, H], NaN where unknown
    weight: NDArray[np.float32]  # how much an origin counts in the score, about 1
    up: NDArray[np.float32]  # 1 rose, 0 fell, NaN neither or unknown, [N, 3]
    touch: NDArray[np.int64]  # [N, sides], -1 unknown
    fold: NDArray[np.int8]  # -1: not an origin
    taught: NDArray[np.bool_]  # for the fold at hand: may be learnt from


class School(NamedTuple):
    """Lessons in the nets' own units, and what turns raw measurements into them."""

    lessons: Lessons
    open_ms: Ints
    returns: Floats  # [N, H], NaN where unknown
    scale: Floats  # HAR, [N, H]
    har: Floats
    standards: dict[str, NDArray[np.float32]]  # four arrays


class _Part(NamedTuple):
    bars: NDArray[np.float32]
    state: NDArray[np.float32]
    log_sigma: Floats
    returns: Floats
    volatility: Floats
    touch: NDArray[np.int64]
    open_ms: Ints


def grids(root: Path, timeframe: str, plan: Plan) -> list[Bars]:
    """Every history before the test period."""
    end = utc_ms(TEST_FROM)
    hours = [c[c[:, 0] < end] for c in read_folder(root / "perp_1h").values()]
    made = [to_bars(c, timeframe, shift * HOUR_MS) for shift in plan.shifts for c in hours]
    if timeframe == "1d":
        days = [c[c[:, 0] < end] for c in read_folder(root / "spot_1d").values()]
        made += [to_bars(c, timeframe) for c in days if len(c) >= 2 * LEAST]
    return made


def build_school(histories: list[Bars], timeframe: str, plan: Plan) -> School:
    """Measure all histories, fit the HAR member, and put everything in its units."""
    parts = [_part(bars, timeframe, plan.barriers) for bars in histories]
    volatility = np.concatenate([part.volatility for part in parts])
    har = fit_har(np.concatenate([part.state for part in parts]), volatility, plan.ridge)
    return _join(parts, har, timeframe, plan)


def fit_har(state: NDArray[np.float32], volatility: Floats, ridge: float = 1e-6) -> Floats:
    """Least squares of the log volatility to come, per horizon: `[STATE_INPUTS, H]`."""
    made = []
    for h in range(volatility.shape[1]):
        known = np.isfinite(volatility[:, h])
        x = state[known].astype(np.float64)
        gram = x.T @ x + ridge * len(x) * np.eye(x.shape[1])
        made.append(np.linalg.solve(gram, x.T @ volatility[known, h]))
    return np.stack(made, 1)


def _part(bars: Bars, timeframe: str, barriers: tuple[float, float]) -> _Part:
    seen = measure(bars, timeframe)
    close, log_sigma = bars.close[0], seen.log_sigma[0]
    unit = atr(bars.high[0], bars.low[0], close)
    up, down = barriers
    long, _ = first_touch(bars, close + up * unit, close - down * unit, BARRIER_BARS)
    short, _ = first_touch(bars, close - up * unit, close + down * unit, BARRIER_BARS)
    touch = np.stack([long, short], 1).astype(np.int64)
    touch[np.isnan(unit)] = -1
    floor = 0.02 * np.exp(2 * log_sigma)
    volatility = future_log_volatility(bars, HORIZONS, floor) - log_sigma[:, None]
    volatility[:LEAST] = np.nan
    return _Part(
        seen.bars[0],
        seen.state[0],
        log_sigma,
        future_returns(close, HORIZONS),
        volatility,
        touch,
        bars.open_ms[0],
    )


def _join(parts: list[_Part], har: Floats, timeframe: str, plan: Plan) -> School:
    step = TIMEFRAME_MS[timeframe]
    state = np.concatenate([part.state[LEAST:] for part in parts])
    inputs = np.concatenate([part.bars[LEAST:] for part in parts])
    standards = {
        "state_mean": state.mean(0),
        "state_scale": state.std(0),
        "bar_mean": inputs.mean(0),
        "bar_scale": inputs.std(0),
    }
    standards["state_mean"][_SEASON_FROM:] = 0
    standards["state_scale"][_SEASON_FROM:] = 1
    nothing = (-standards["bar_mean"] / standards["bar_scale"]).clip(-5, 5)
    borders = [utc_ms(day) for day in plan.folds]
    columns: list[list[NDArray[Any]]] = [[] for _ in range(10)]
    for part in parts:
        scale = np.exp(part.state @ har + part.log_sigma[:, None]) * np.sqrt(HORIZONS)
        weight = scale[:, _UP[-1]] / scale[LEAST:, _UP[-1]].mean()
        up = np.where(part.returns == 0, np.nan, (np.sign(part.returns) + 1) / 2)[:, _UP]
        fold = np.searchsorted(borders, part.open_ms + step, side="right") - 1
        fold[:LEAST] = -1
        fold[fold >= len(borders) - 1] = -1  # the bar that closes as the test begins
        row = (
            ((part.bars - standards["bar_mean"]) / standards["bar_scale"]).clip(-5, 5),
            ((part.state - standards["state_mean"]) / standards["state_scale"]).clip(-5, 5),
            part.returns / scale,
            weight,
            up,
            part.touch,
            fold,
            part.open_ms,
            part.returns,
            scale,
        )
        blanks = (nothing, 0, np.nan, 0, np.nan, -1, -1, 0, np.nan, np.nan)
        for column, values, blank in zip(columns, row, blanks, strict=True):
            shape = (STEPS - 1, *values.shape[1:])
            column += [np.full(shape, blank, dtype=values.dtype), values]
    bars, state, outcome, weight, up, touch, fold, open_ms, returns, scales = map(
        np.concatenate, columns
    )
    lessons = Lessons(
        bars.astype(np.float32),
        state.astype(np.float32),
        outcome.astype(np.float32),
        weight.astype(np.float32),
        up.astype(np.float32),
        touch,
        fold.astype(np.int8),
        fold >= 0,
    )
    return School(lessons, open_ms, returns, scales, har, standards)
