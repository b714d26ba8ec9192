"""What the members see depends on the past alone, and on a bounded past."""

from collections.abc import Callable

import numpy as np
import pytest

from lib.analysis.features import MEMORY, STEPS, measure
from lib.analysis.past import decayed_sum
from lib.analysis.series import HISTORY, Bars, grid, stack


def part(bars: Bars, start: int, end: int) -> Bars:
    return Bars(*(x[:, start:end] for x in bars))


def test_a_decayed_sum_is_the_plain_sum_of_its_definition() -> None:
    x = np.random.default_rng(0).random((2, 50))
    decay, kept = 0.9, 8
    plain = [
        [sum(decay**k * row[t - k] for k in range(min(kept, t + 1))) for t in range(50)]
        for row in x
    ]

    np.testing.assert_allclose(decayed_sum(x, decay, kept), plain, rtol=1e-12)


def test_a_window_of_history_gives_what_the_whole_gives(rows: Callable[..., np.ndarray]) -> None:
    whole = grid(rows(1500), "1h")
    at = 1400

    seen, again = measure(whole, "1h"), measure(part(whole, at + 1 - HISTORY, at + 1), "1h")

    np.testing.assert_allclose(seen.state[0, at], again.state[0, -1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.log_sigma[0, at], again.log_sigma[0, -1], rtol=1e-10)
    np.testing.assert_allclose(
        seen.bars[0, at + 1 - STEPS : at + 1], again.bars[0, -STEPS:], rtol=1e-5, atol=1e-6
    )


def test_the_future_changes_nothing(rows: Callable[..., np.ndarray]) -> None:
    history = rows(1000)
    shuffled = history.copy()
    shuffled[700:, 1:] = np.random.default_rng(0).permutation(history[700:, 1:]) * 1.7

    seen, other = (measure(grid(x, "1h"), "1h") for x in (history, shuffled))

    for ours, theirs in zip(seen, other, strict=True):
        np.testing.assert_array_equal(ours[:, :700], theirs[:, :700])


def test_history_before_the_memory_changes_nothing(rows: Callable[..., np.ndarray]) -> None:
    history = rows(1200)
    other = history.copy()
    other[: 1199 - MEMORY - STEPS, 1:5] *= 3

    seen, again = (measure(grid(x, "1h"), "1h") for x in (history, other))

    np.testing.assert_allclose(seen.state[0, -1], again.state[0, -1], rtol=1e-5, atol=1e-6)


def test_prices_times_a_thousand_look_the_same(rows: Callable[..., np.ndarray]) -> None:
    history = rows(700)
    dear = history.copy()
    dear[:, 1:5] *= 1000

    seen, other = (measure(grid(x, "1h"), "1h") for x in (history, dear))

    np.testing.assert_allclose(seen.state, other.state, atol=1e-4)
    np.testing.assert_allclose(seen.bars, other.bars, atol=1e-4)


@pytest.mark.parametrize("holes", [False, True])
def test_the_newest_bars_alone_are_measured_as_among_all(
    rows: Callable[..., np.ndarray], holes: bool
) -> None:
    grids = []
    for seed in range(9):  # more than one product of the band takes
        history = rows(900, seed)
        gone = np.random.default_rng(seed).random(900) < 0.1 * holes
        grids.append(grid(history[~gone], "1h", HISTORY))
    bars = stack(grids)

    seen, newest = measure(bars, "1h"), measure(bars, "1h", STEPS)

    assert bars.real.all() != holes
    np.testing.assert_allclose(newest.log_sigma, seen.log_sigma[:, -STEPS:], rtol=1e-10)
    np.testing.assert_allclose(newest.state, seen.state[:, -STEPS:], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(newest.bars, seen.bars[:, -STEPS:], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(newest.missing, seen.missing[:, -STEPS:], atol=1e-12)
