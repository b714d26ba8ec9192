"""Support and resistance, on planted turning points."""

from itertools import pairwise

import numpy as np

from lib.analysis.levels import cluster, find_levels, pivots
from lib.analysis.series import Bars, grid

HOUR = 3_600_000


def zigzag(turns: list[float], bars_between: int = 8) -> Bars:
    """A price that goes straight from each turn to the next; bars are .2 high."""
    path = np.concatenate(
        [np.linspace(a, b, bars_between, endpoint=False) for a, b in pairwise(turns)]
    )
    times = np.arange(len(path)) * float(HOUR)
    return grid(
        np.column_stack([times, path, path + 0.1, path - 0.1, path, np.ones(len(path))]), "1h"
    )


def test_a_turn_stands_out_from_its_neighbours() -> None:
    x = np.array([1, 2, 3, 9, 3, 2, 1, 2, 3, 2, 1.0])
    assert pivots(x).tolist() == [3]


def test_of_equal_tops_the_first_counts() -> None:
    x = np.array([1, 1, 1, 5, 5, 1, 1, 1, 1.0])
    assert pivots(x).tolist() == [3]


def test_near_turns_are_one_level_with_their_touches() -> None:
    times = np.array([10, 20, 30, 40])
    levels = cluster(np.array([100.0, 100.2, 105.0, 100.4]), times, width=0.5)

    assert [(x.price, x.touches, x.last_ms) for x in levels] == [
        (100.2, 3, 40),
        (105.0, 1, 30),
    ]


def test_planted_levels_are_found_with_their_touches() -> None:
    levels = find_levels(zigzag([100, 110, 100, 110, 100, 110, 100, 104]))

    assert [(round(x.price, 6), x.touches) for x in levels.support] == [(99.9, 3)]
    assert [(round(x.price, 6), x.touches) for x in levels.resistance] == [(110.1, 3)]


def test_support_is_below_and_resistance_above_nearest_first() -> None:
    levels = find_levels(zigzag([100, 120, 90, 115, 95, 108, 98, 104, 101, 103]))
    last = zigzag([100, 120, 90, 115, 95, 108, 98, 104, 101, 103]).close[0, -1]

    below, above = ([x.price for x in side] for side in (levels.support, levels.resistance))
    assert below == sorted(below, reverse=True)
    assert above == sorted(above)
    assert max(below) < last < min(above)


def test_a_price_that_never_moves_has_no_levels() -> None:
    flat = np.column_stack([np.arange(80.0) * HOUR, *[np.full(80, 7.0)] * 4, np.ones(80)])
    assert find_levels(grid(flat, "1h")) == find_levels(grid(flat, "1h")).__class__((), ())
