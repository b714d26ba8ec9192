"""How far the members can be trusted, learnt on data they had not seen, applied to answers."""

from typing import NamedTuple

import numpy as np

from lib.analysis.features import Singles
from lib.analysis.network import HORIZONS, LEVELS, MEDIAN
from lib.analysis.series import Floats

_OUTER = [i for i, level in enumerate(LEVELS) if not 0.25 < level < 0.75]
_FARTHEST = 5.0  # log return: 150 times the price or 1/150 of it


class Platt(NamedTuple):
    """Logits to calibrated ones: scaled, and centred: no direction is favoured for its past."""

    centre: Floats
    slope: Floats

    def __call__(self, logits: Singles | Floats) -> Floats:
        made: Floats = (logits - self.centre) * self.slope
        return made


def widen(quantiles: Floats, widths: Floats, missing: Floats) -> Floats:
    """Stretch each quantile's distance from the median by what coverage was found to need.

    A window with holes is stretched further, by the share of its bars that are missing. Then made
    lawful: ordered by level, and never narrower at a farther horizon. `[N, H, L]` in and out.
    """
    middle = quantiles[..., MEDIAN, None]
    away = (quantiles - middle) * widths * (1 + missing)[:, None, None]
    upper = np.maximum.accumulate(np.maximum(away[..., MEDIAN:], 0), axis=-1)
    lower = np.minimum.accumulate(np.minimum(away[..., MEDIAN::-1], 0), axis=-1)
    away = np.concatenate([lower[..., :0:-1], upper], -1)
    away = np.sign(away) * np.maximum.accumulate(np.abs(away), axis=1)
    made = (middle + away).clip(-_FARTHEST, _FARTHEST)
    outer = made[..., _OUTER]
    half = len(_OUTER) // 2
    outer[..., :half] = np.minimum.accumulate(outer[..., :half], axis=1)
    outer[..., half:] = np.maximum.accumulate(outer[..., half:], axis=1)
    made[..., _OUTER] = outer
    return made


def between_horizons(quantiles: Floats, bars: int) -> Floats:
    """Quantiles at 1, 2 … `bars` bars ahead, from those at HORIZONS; straight in root time."""
    wanted = np.sqrt(np.arange(1, bars + 1))
    given = np.sqrt(np.array(HORIZONS))
    right = np.searchsorted(given, wanted).clip(1, len(given) - 1)
    share = ((wanted - given[right - 1]) / (given[right] - given[right - 1]))[:, None]
    near, far = quantiles[..., right - 1, :], quantiles[..., right, :]
    made: Floats = near + (far - near) * share
    return made
