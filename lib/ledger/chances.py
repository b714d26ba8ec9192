"""Whether probabilities were right: by bins, by Brier score and calibration error, by hit rate."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import fsum, sqrt
from typing import Final, NamedTuple

from msgspec import Struct

LEAST: Final = 100
"""Cases, below which a calibration error would tell of luck."""

LEAST_DAYS: Final = 5
_BINS: Final = 10
_Z95: Final = 1.959964


class Bin(Struct, frozen=True, kw_only=True):
    """Of the cases in which a probability in [low, high) was said: its mean, and how often it
    came true."""

    low: float
    high: float
    n: int
    said: float
    happened: float


class Case(NamedTuple):
    """A probability that was said, whether it came true, and the day it was said on."""

    chance: float
    happened: bool
    day: int


def reliability(cases: Iterable[Case], step: float) -> list[Bin]:
    """Equally wide bins of what was said, those without a case left out."""
    bins: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        bins[int(case.chance / step + 1e-9)].append(case)
    return [
        Bin(
            low=round(at * step, 4),
            high=round((at + 1) * step, 4),
            n=len(rows),
            said=round(_mean([case.chance for case in rows]), 4),
            happened=round(_mean([case.happened for case in rows]), 4),
        )
        for at, rows in sorted(bins.items())
    ]


def brier(cases: Sequence[Case]) -> float | None:
    """Mean squared distance between what was said and what came; one half said always has .25."""
    if not cases:
        return None
    return round(_mean([(case.chance - case.happened) ** 2 for case in cases]), 4)


def calibration_error(cases: Sequence[Case]) -> float | None:
    """Mean distance between said and happened over at most ten bins, about equally
    filled; `None` below 100 cases."""
    if len(cases) < LEAST:
        return None
    parts: list[list[Case]] = [[]]
    for _, alike in groupby(sorted(cases), key=lambda case: case.chance):
        if len(parts[-1]) >= len(cases) / _BINS:
            parts.append([])
        parts[-1] += alike  # what was said alike is never torn apart
    off = (fsum(case.chance - case.happened for case in part) for part in parts)
    return round(fsum(map(abs, off)) / len(cases), 4)


def hit_interval(cases: Sequence[Case]) -> tuple[float, float] | None:
    """95 % bounds of the share of hits, days taken as the units: all coins of an hour move
    together, so their hits are no independent draws. `None` below five days."""
    days: dict[int, list[bool]] = defaultdict(list)
    for case in cases:
        days[case.day].append(is_hit(case))
    if len(days) < LEAST_DAYS:
        return None
    rate = _mean([is_hit(case) for case in cases])
    off = fsum((sum(hits) - rate * len(hits)) ** 2 for hits in days.values())
    error = sqrt(off * len(days) / (len(days) - 1)) / len(cases)
    return round(max(0.0, rate - _Z95 * error), 4), round(min(1.0, rate + _Z95 * error), 4)


def is_hit(case: Case) -> bool:
    """Whether the likelier side came."""
    return (case.chance > 0.5) == case.happened


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)
