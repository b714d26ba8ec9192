"""Decayed sums and means over the bars before each bar; nothing later is read."""

from functools import lru_cache

import numpy as np

from lib.analysis.series import Floats

_ONE_THREAD = 2**18
"""Multiplications above which OpenBLAS spreads a product over threads; those that wait spin, and
on a busy machine 2 ms of CPU for all sums of 50 symbols become 20."""


class Past:
    """Means over bars with trades, at every bar or at the `newest` alone.

    What a request needs is the newest 63 bars: a product with a band of weights gives just those,
    where training, which needs them all, sums by doubling. Both agree to float noise.
    """

    def __init__(self, real: Floats, newest: int | None = None) -> None:
        self.real = real
        self.newest = newest
        # the usual case: no bar is missing, so that one symbol's weights are everybody's
        self._alike = real[:1] if (real == 1).all() else real
        self._weights: dict[tuple[float, int, int | None], Floats] = {}

    def last(self, x: Floats) -> Floats:
        """The bars that are asked for."""
        return x if self.newest is None else x[:, -self.newest :]

    def sum(self, x: Floats, kept: int) -> Floats:
        """The last `kept` values together."""
        return decayed_sum(x, 1.0, kept, self.newest)

    def mean(self, x: Floats, half_life: float, kept: int, before: int = 0) -> Floats:
        """Decaying by half each `half_life`; `before` asks for so many bars more."""
        decay = 0.5 ** (1 / half_life)
        newest = self.newest and self.newest + before
        weight = self._weight(decay, kept, newest)
        made: Floats = decayed_sum(x, decay, kept, newest) / weight
        return made

    def _weight(self, decay: float, kept: int, newest: int | None) -> Floats:
        key = (decay, kept, newest)
        if key not in self._weights:
            self._weights[key] = decayed_sum(self._alike, decay, kept, newest).clip(1e-9)
        return self._weights[key]


def decayed_sum(x: Floats, decay: float, kept: int, newest: int | None = None) -> Floats:
    """At each bar: the sum of the last `kept` values (a power of two), each bar's age decaying.

    By doubling: sums over n bars make sums over 2n, so no loop over time and no endless memory.
    With `newest` only for so many bars at the end.
    """
    if newest is not None:
        part = x[:, -(newest + kept - 1) :]
        band = _band(decay, kept, part.shape[1], newest)
        rows = max(1, _ONE_THREAD // band.size)
        return np.concatenate([part[i : i + rows] @ band for i in range(0, len(part), rows)])
    total: Floats = x
    n = 1
    while n < kept:
        grown = total.copy()
        grown[..., n:] += decay**n * total[..., :-n]
        total, n = grown, 2 * n
    return total


@lru_cache(maxsize=64)  # the same few for every request
def _band(decay: float, kept: int, size: int, newest: int) -> Floats:
    """Weight of bar i in the sum at the j-th of the newest bars."""
    age = np.arange(size - newest, size) - np.arange(size)[:, None]
    band: Floats = np.where((age >= 0) & (age < kept), decay ** age.clip(0).astype(float), 0.0)
    return band
