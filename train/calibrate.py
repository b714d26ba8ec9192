"""Learn, from answers about data that a member had not seen, how far to trust them."""

import numpy as np
import torch
from numpy.typing import NDArray

from lib.analysis.network import LEVELS, MEDIAN
from lib.analysis.series import Floats


def fit_widths(returns: Floats, quantiles: Floats) -> Floats:
    """Conformal factors `[H, L]`: how far to stretch so that each central interval covers its share.

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
    means = np.stack([logits[known[:, s], s].mean(0) for s in range(sides)])
    x = torch.from_numpy((logits - means)[known])
    y = torch.from_numpy(codes[known])
    base = torch.zeros(3, dtype=x.dtype, requires_grad=True)
    slope = torch.ones(1, dtype=x.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([base, slope], max_iter=100)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(slope * x + base, y)
        loss.backward()
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    factor = max(float(slope.detach()), 1e-3)
    centre = means - base.detach().numpy() / factor
    return centre.astype(np.float64), np.full((sides, 3), factor)
