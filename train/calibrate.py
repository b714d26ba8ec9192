"""Learn, from answers about data that a member had not seen, how far to trust them."""

import numpy as np
from numpy.typing import NDArray

from lib.analysis.network import LEVELS, MEDIAN
from lib.analysis.series import Floats


def fit_widths(returns: Floats, quantiles: Floats) -> Floats:
    """Conformal factors `[H, L]`: stretched so far, each central interval covers its share.

    Both sides of the median share a factor, so a past drift is not taken for a fact.
    """
    made = np.ones(quantiles.shape[1:])
    for h in range(quantiles.shape[1]):
        known = np.isfinite(returns[:, h])
        q = quantiles[known, h]
        off = returns[known, h] - q[:, MEDIAN]
        for low in range(MEDIAN):
            high = len(LEVELS) - 1 - low
            reach = np.where(off > 0, q[:, high] - q[:, MEDIAN], q[:, MEDIAN] - q[:, low])
            share = LEVELS[high] - LEVELS[low]
            made[h, [low, high]] = np.quantile(np.abs(off) / reach.clip(1e-12), share)
    return made


def fit_platt(logits: Floats, happened: Floats, rounds: int = 30) -> tuple[float, float]:
    """Centre and slope of one logit by Newton's method; outcomes are 0 or 1, NaN left out."""
    known = np.isfinite(happened)
    centre = float(logits[known].mean())
    x, y = logits[known] - centre, happened[known]
    slope = 1.0
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-slope * x))
        slope += float((x * (y - p)).sum() / (x * x * p * (1 - p)).sum().clip(1e-12))
    return centre, max(slope, 0.0)


def fit_touch(logits: Floats, codes: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Centre and slope `[sides, 3]` for the barrier logits `[N, sides, 3]`.

    Both sides share slope and base rates: that longs did better than shorts in the years learnt
    from says nothing about the next.
    """
    known = codes >= 0
    sides = logits.shape[1]
    means = logits.mean(0)
    x = (logits - means)[known].astype(np.float64)
    hit = codes[known][:, None] == np.arange(3)
    # Newton's method on (slope, two base rates); the third class is the yardstick.
    inputs = np.zeros((len(x), 3, 3))
    inputs[:, :, 0] = x
    inputs[:, 0, 1] = inputs[:, 1, 2] = 1
    found = np.array([1.0, 0.0, 0.0])
    for _ in range(50):
        odds = np.exp(inputs @ found)
        p = odds / odds.sum(1, keepdims=True)
        mean = np.einsum("nc,ncp->np", p, inputs)
        slope = np.einsum("nc,ncp->p", hit - p, inputs)
        bend = np.einsum("nc,ncp,ncq->pq", p, inputs, inputs) - mean.T @ mean
        bend += 1e-6 * len(x) * np.eye(3)
        found = found + np.linalg.solve(bend, slope).clip(-0.5, 0.5)  # short steps: never astray
    factor = max(float(found[0]), 1e-3)
    centre = means - np.array([found[1], found[2], 0.0]) / factor
    return centre.astype(np.float64), np.full((sides, 3), factor)
