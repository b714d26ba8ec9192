"""How good a forecast was: pinball scores, coverage, reliability, and how sure we are of each."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lib.analysis.network import LEVELS, NORMAL
from lib.analysis.series import Floats, Ints

_CENTRAL = slice(3, 22)  # levels .05, .10 … .95
_WEEK_MS = 604_800_000
_TAUS = np.array(LEVELS[_CENTRAL])
GAUSSIAN = np.array(NORMAL[_CENTRAL])


def crps(outcome: Floats, quantiles: Floats) -> Floats:
    """Twice the mean pinball loss over the levels .05 to .95, `[N]` from `[N, L]`."""
    error = outcome[:, None] - quantiles
    made: Floats = 2 * np.maximum(_TAUS * error, (_TAUS - 1) * error).mean(1)
    return made


def central(quantiles: Floats) -> Floats:
    """The columns that `crps` scores."""
    return quantiles[:, _CENTRAL]


def trailing_std(close: Floats, bars: int = 500) -> Floats:
    """Standard deviation of the last `bars` one-bar log returns; NaN before there are so many."""
    returns = np.diff(np.log(close))
    made = np.full(len(close), np.nan)
    if len(returns) >= bars:
        sums = [np.concatenate([[0.0], np.cumsum(x)]) for x in (returns, returns**2)]
        first, second = ((s[bars:] - s[:-bars]) / bars for s in sums)
        made[bars:] = np.sqrt((second - first**2).clip(0))
    return made


def covered(outcome: Floats, quantiles: Floats, share: float) -> NDArray[np.bool_]:
    """Whether each outcome fell inside the central interval."""
    low = LEVELS.index(round((1 - share) / 2, 3))
    return (outcome >= quantiles[:, low]) & (outcome <= quantiles[:, len(LEVELS) - 1 - low])


def week_bootstrap(
    time_ms: Ints, top: Floats, bottom: Floats, rounds: int = 1000, seed: int = 0
) -> list[float]:
    """95 % interval of sum(top) / sum(bottom), whole weeks drawn with all symbols together."""
    counted = bottom > 0
    weeks, index = np.unique(time_ms[counted] // _WEEK_MS, return_inverse=True)
    tops, bottoms = (np.bincount(index, x[counted], len(weeks)) for x in (top, bottom))
    drawn = np.random.default_rng(seed).integers(0, len(weeks), (rounds, len(weeks)))
    ratios = tops[drawn].sum(1) / bottoms[drawn].sum(1)
    return [figure(x) for x in np.quantile(ratios, [0.025, 0.975])]


def reliability(probability: Floats, happened: Floats, bins: int = 10) -> list[dict[str, float]]:
    """Equal-count bins: mean probability said, share that happened, count."""
    order = np.argsort(probability, kind="stable")
    return [
        {
            "said": figure(probability[part].mean()),
            "happened": figure(happened[part].mean()),
            "n": len(part),
        }
        for part in np.array_split(order, bins)
        if len(part)
    ]


def calibration_error(table: list[dict[str, float]]) -> float:
    """Expected calibration error of a reliability table."""
    total = sum(row["n"] for row in table)
    return figure(sum(abs(row["said"] - row["happened"]) * row["n"] for row in table) / total)


def figure(x: float) -> float:
    """Four decimals, as the reports print them."""
    return round(float(x), 4)


def by_group(
    keys: NDArray[np.generic], score: Callable[[NDArray[np.bool_]], object]
) -> dict[str, object]:
    """A score of each group of rows, by the group's name."""
    return {str(key): score(keys == key) for key in np.unique(keys)}
