"""Repeatable noise: numbers that depend on nothing but the words they were asked with."""

import math
from functools import lru_cache
from hashlib import shake_128
from statistics import NormalDist
from struct import unpack
from typing import Final

_SIZE: Final = 4096
_MIDDLES: Final = [(i + 0.5) / _SIZE for i in range(_SIZE)]

NORMAL: Final = [NormalDist().inv_cdf(u) for u in _MIDDLES]
"""Normal deviates by draw."""

SPREAD: Final = [math.exp(0.45 * g - 0.10125) for g in NORMAL]
"""Log-normal factors around 1 by draw: many of them multiplied make quiet and wild hours."""

REACH: Final = [-2.0 * math.log(u) for u in _MIDDLES]
"""By draw: how far a path strays beyond its ends, in variances (the law of a bridge's maximum)."""


def draws(words: str, count: int) -> tuple[int, ...]:
    """So many draws from 0 to 4095, always the same ones for the same words."""
    raw = unpack(f"<{count}H", shake_128(words.encode()).digest(2 * count))
    return tuple([n >> 4 for n in raw])


def wander(words: str, at: int) -> float:
    """A wandering line at an integer time: its steps have variance 1, it stays near zero.

    Value noise over seven octaves, each as tall as a random walk of that length would get.
    """
    total = 0.0
    for octave in range(7):
        span = 1 << octave
        index, rest = divmod(at, span)
        left = _knot(words, octave, index)
        right = _knot(words, octave, index + 1)
        share = rest / span
        total += 0.5 * math.sqrt(span) * (left + (right - left) * share)
    return total


@lru_cache(maxsize=16_384)
def _knot(words: str, octave: int, index: int) -> float:
    return NORMAL[draws(f"{words}|{octave}|{index}", 1)[0]]
