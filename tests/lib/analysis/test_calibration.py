"""Calibration: lawful quantiles, and fits that recover what was planted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.calibration import Platt, between_horizons, widen
from lib.analysis.network import HORIZONS, LEVELS, MEDIAN, NORMAL
from train.calibrate import fit_platt, fit_touch, fit_widths

SHAPE = (len(HORIZONS), len(LEVELS))


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), missing=st.floats(0, 1))
def test_whatever_the_members_say_the_quantiles_are_lawful(seed: int, missing: float) -> None:
    said = np.random.default_rng(seed).standard_normal((3, *SHAPE)) * 0.1

    made = widen(said, np.ones(SHAPE), np.full(3, missing))

    assert (np.diff(made, axis=-1) >= 0).all()
    away = np.abs(made - made[..., MEDIAN, None])
    outer = [i for i, level in enumerate(LEVELS) if not 0.25 < level < 0.75]
    assert (np.diff(made[..., outer[-1]], axis=1) >= 0).all()
    assert (np.diff(made[..., outer[0]], axis=1) <= 0).all()
    assert np.isfinite(away).all()


def test_missing_bars_stretch_the_interval() -> None:
    said = np.tile(np.array(NORMAL), (2, len(HORIZONS), 1)) * 0.01

    made = widen(said, np.ones(SHAPE), np.array([0.0, 0.5]))

    np.testing.assert_allclose(made[1], 1.5 * made[0])


def test_between_horizons_meets_the_learnt_ones_and_grows() -> None:
    roots = np.sqrt(HORIZONS)[None, :, None] * np.array(NORMAL)

    path = between_horizons(roots, 168)

    np.testing.assert_allclose(
        path, np.sqrt(np.arange(1, 169))[None, :, None] * np.array(NORMAL), atol=1e-12
    )


def test_intervals_too_narrow_by_half_are_doubled() -> None:
    returns = np.tile(np.random.default_rng(0).standard_normal(40_000)[:, None], (1, SHAPE[0]))
    said = np.broadcast_to(np.array(NORMAL) / 2, (40_000, *SHAPE))

    widths = fit_widths(returns, said)

    np.testing.assert_allclose(np.delete(widths, MEDIAN, 1), 2, rtol=0.05)


def test_a_planted_slope_is_found_and_the_drift_is_not_believed() -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal(200_000)
    rose = (rng.random(200_000) < 1 / (1 + np.exp(-0.4 * logits))) * 1.0

    centre, slope = fit_platt(logits + 0.3, rose)

    assert centre == pytest.approx(0.3, abs=0.01)
    assert slope == pytest.approx(0.4, abs=0.02)


def test_barrier_chances_are_calibrated_over_both_sides() -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((60_000, 2, 3))
    chances = np.exp(0.5 * logits + np.array([0.2, 0.4, -0.6]))
    chances /= chances.sum(-1, keepdims=True)
    codes = (rng.random((60_000, 2, 1)) > chances.cumsum(-1)[..., :2]).sum(-1)

    platt = Platt(*fit_touch(logits, codes))

    said = np.exp(platt(logits))
    said /= said.sum(-1, keepdims=True)
    np.testing.assert_allclose(said, chances, atol=0.02)
