"""The spread of a stranger's quantiles, set right by what came of earlier ones.

By conformal prediction: an interval is stretched by the factor that would have made its like hold
the stated share of the outcomes on record. The factor of share c among n outcomes is the
ceil((n + 1) c)-th smallest of |log(outcome / median)| in units of the interval's half on that side.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, inf, log
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lib.fan import lawful
from lib.ledger.records import LEVELS, ForecastRecord
from lib.outlook import Forecast
from lib.timeframes import TIMEFRAME_MS

LEAST: Final = 200
"""Outcomes of one horizon, without which nothing is concluded: 95 % of 200 is known to 1.5 %."""

LEAST_WINDOWS: Final = 30
"""Stretches of the horizon's own length that they come from: outcomes side by side are alike."""

SHARES: Final = (0.5, 0.8, 0.9, 0.95)
_NARROWEST, _WIDEST = 0.5, 20.0


class Factors(Struct, frozen=True):
    """By horizon in bars, the factor of each of SHARES; `n` outcomes told them."""

    by_horizon: dict[int, tuple[float, ...]]
    n: int

    def at(self, bars: int, share: float) -> float:
        """Between what is known: straight in the logarithm of bars and in the share."""
        horizons = sorted(self.by_horizon)
        columns = [_between(SHARES, self.by_horizon[h], share) for h in horizons]
        return _between([log(h) for h in horizons], columns, log(bars))


def learn_factors(records: Iterable[ForecastRecord]) -> Factors | None:
    """What records of one model and time frame teach; `None` while they are too few."""
    groups: dict[int, list[ForecastRecord]] = defaultdict(list)
    for record in records:
        if record.outcome is not None:
            groups[record.horizon].append(record)
    enough = {h: rows for h, rows in groups.items() if _suffice(h, rows)}
    if not enough:
        return None
    factors = {h: tuple(_factor(rows, share) for share in SHARES) for h, rows in enough.items()}
    return Factors(factors, sum(map(len, enough.values())))


def recalibrated(forecast: Forecast, factors: Factors) -> Forecast:
    """The same medians with the spread set right."""
    low, high = round((1 - forecast.interval) / 2, 6), round((1 + forecast.interval) / 2, 6)
    levels = sorted({*forecast.levels, low, high})
    middle = levels.index(0.5)
    bars = []
    for bar, step in enumerate(forecast.steps, 1):
        given = dict(zip(forecast.levels, step.quantiles, strict=True))
        given |= {low: step.lower, high: step.upper}
        stretch = (factors.at(bar, abs(2 * level - 1)) for level in levels)
        bars.append(
            [
                step.price * (given[x] / step.price) ** f
                for x, f in zip(levels, stretch, strict=True)
            ]
        )
    steps = []
    for step, row in zip(forecast.steps, lawful(bars, middle), strict=True):
        at = dict(zip(levels, row, strict=True))
        told = tuple(at[level] for level in forecast.levels)
        steps.append(replace(step, price=at[0.5], lower=at[low], upper=at[high], quantiles=told))
    notes = (f"the endpoint's spread, recalibrated on {factors.n} of its outcomes",)
    return replace(forecast, steps=tuple(steps), notes=notes)


def _suffice(horizon: int, rows: Sequence[ForecastRecord]) -> bool:
    span_ms = horizon * TIMEFRAME_MS[rows[0].timeframe]
    windows = {row.origin_ms // span_ms for row in rows}
    return len(rows) >= LEAST and len(windows) >= LEAST_WINDOWS


def _factor(rows: Sequence[ForecastRecord], share: float) -> float:
    low, high = round((1 - share) / 2, 4), round((1 + share) / 2, 4)
    missed = sorted(
        _needed(dict(zip(LEVELS, row.quantiles, strict=True)), low, high, row.outcome)
        for row in rows
    )
    rank = ceil((len(missed) + 1) * share)
    return min(max(missed[min(rank, len(missed)) - 1], _NARROWEST), _WIDEST)


def _needed(at: Mapping[float, float], low: float, high: float, outcome: float | None) -> float:
    """The stretch that just reaches the outcome."""
    assert outcome is not None  # noqa: S101 - only those that have one are learnt from
    move = log(outcome / at[0.5])
    half = log(at[high] / at[0.5]) if move > 0 else log(at[low] / at[0.5])
    if move == 0:
        return 0.0
    return move / half if half else inf


def _between(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Straight between the points, flat beyond the first and the last."""
    if len(xs) == 1 or x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    right = bisect_right(xs, x)
    share = (x - xs[right - 1]) / (xs[right] - xs[right - 1])
    return ys[right - 1] + (ys[right] - ys[right - 1]) * share
