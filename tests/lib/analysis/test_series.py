"""Candles on a grid."""

from collections.abc import Callable

import numpy as np
import pytest

from lib.analysis.series import grid, lay_out
from lib.errors import InsufficientData
from lib.market import Candle


def test_the_order_of_rows_does_not_matter(rows: Callable[..., np.ndarray]) -> None:
    history = rows(80)
    mixed = np.random.default_rng(0).permutation(history)

    assert all(
        np.array_equal(a, b) for a, b in zip(grid(history, "1h"), grid(mixed, "1h"), strict=True)
    )


def test_a_hole_is_flat_and_not_real(rows: Callable[..., np.ndarray]) -> None:
    history = np.delete(rows(80), [40, 41], axis=0)

    bars = grid(history, "1h")

    assert bars.close.shape == (1, 80)
    assert not bars.real[0, 40:42].any()
    assert bars.real.sum() == 78
    assert (bars.close[0, 40:42] == history[39, 4]).all()
    assert (bars.volume[0, 40:42] == 0).all()


def test_rows_that_are_no_bars_are_left_out(rows: Callable[..., np.ndarray]) -> None:
    history = rows(80)
    history[10, 4], history[20, 3], history[30, 2], history[40, 5] = np.nan, -1, 0, np.inf

    bars = grid(history, "1h")

    assert np.flatnonzero(~bars.real[0]).tolist() == [10, 20, 30, 40]
    assert np.isfinite(bars.close).all()


def test_the_running_candle_and_filled_ones_are_not_read(
    candles: Callable[..., list[Candle]],
) -> None:
    history = candles(80)
    last = history[-1]
    running = Candle(last.open_ms + 3_600_000, 1.0, 1.0, 1.0, 1.0, 1.0, False)
    filled = Candle(last.open_ms + 3_600_000, 1.0, 1.0, 1.0, 1.0, 0.0, True, True)

    with_both = lay_out([[*history, filled, running]], "1h")

    assert all(
        np.array_equal(a, b) for a, b in zip(with_both, lay_out([history], "1h"), strict=True)
    )


def test_a_short_history_says_how_much_it_has(candles: Callable[..., list[Candle]]) -> None:
    with pytest.raises(InsufficientData) as refused:
        lay_out([candles(600), candles(49)], "1h")

    assert refused.value.details == {"have": 49, "need": 50}


def test_the_same_candle_twice_counts_once(candles: Callable[..., list[Candle]]) -> None:
    with pytest.raises(InsufficientData) as refused:
        lay_out([candles(30) * 3], "1h")

    assert refused.value.details["have"] == 30


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_history_that_is_whole_is_laid_out_like_any_other(
    rows: Callable[..., np.ndarray], newest_first: bool
) -> None:
    history = rows(900)
    given = history[::-1] if newest_first else np.concatenate([history[100:], history[:100]])

    whole, mixed = grid(history, "1h", 640), grid(given, "1h", 640)

    assert all(np.array_equal(a, b) for a, b in zip(whole, mixed, strict=True))
    assert whole.real.all()
