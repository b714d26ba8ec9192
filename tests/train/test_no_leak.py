"""What is learnt from nonsense shows no skill; what is learnt from sense does."""

import numpy as np
import pytest

from lib.analysis.calibration import Platt
from lib.analysis.features import measure
from lib.analysis.network import HORIZONS
from lib.analysis.series import grid
from tests.lib.analysis.conftest import make_rows
from train.calibrate import fit_platt
from train.lessons import fit_har
from train.targets import future_log_volatility


def lesson() -> tuple[np.ndarray, np.ndarray]:
    """State and volatility to come of one long history whose volatility swells and ebbs."""
    bars = grid(make_rows(6000), "1h")
    seen = measure(bars, "1h")
    floor = 0.02 * np.exp(2 * seen.log_sigma[0])
    ahead = future_log_volatility(bars, HORIZONS, floor) - seen.log_sigma[0][:, None]
    known = slice(600, 6000 - HORIZONS[-1])
    return seen.state[0, known], ahead[known]


def skill(har: np.ndarray, state: np.ndarray, ahead: np.ndarray) -> float:
    """Share of the variance of volatility, three bars ahead, that is foreseen."""
    error = ahead[:, 2] - state @ har[:, 2]
    return 1 - float(np.mean(error**2) / np.var(ahead[:, 2]))


def test_volatility_learnt_from_its_own_past_is_foreseen() -> None:
    state, ahead = lesson()
    half = len(state) // 2
    assert skill(fit_har(state[:half], ahead[:half]), state[half:], ahead[half:]) > 0.2


def test_volatility_learnt_from_shuffled_targets_is_not() -> None:
    state, ahead = lesson()
    half = len(state) // 2
    shuffled = np.random.default_rng(0).permutation(ahead[:half])
    assert skill(fit_har(state[:half], shuffled), state[half:], ahead[half:]) < 0.05


def test_a_direction_calibrated_on_shuffled_outcomes_is_a_coin() -> None:
    rng = np.random.default_rng(0)
    logits = rng.standard_normal(50_000)
    centre, slope = fit_platt(logits, (rng.random(50_000) < 0.5) * 1.0)

    said = 1 / (1 + np.exp(-Platt(np.array(centre), np.array(slope))(logits)))

    assert np.abs(said - 0.5).max() < 0.03


def test_nets_learn_a_planted_pattern_and_nothing_from_shuffled_ones() -> None:
    torch = pytest.importorskip(
        "torch", reason="torch, which only training needs, is not installed"
    )
    from train.nets import Lessons, RecurrentNet, answer, learn
    from train.plan import Course

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    n = 6000
    bars = rng.standard_normal((n, 15)).astype("f4")
    rose = (rng.random(n) < 1 / (1 + np.exp(-2 * bars[:, 0]))).astype("f4")
    outcome = np.tile(rng.standard_normal((n, 1)).astype("f4"), (1, len(HORIZONS)))
    lessons = Lessons(
        bars,
        np.zeros((n, 43), "f4"),
        outcome,
        np.ones(n, "f4"),
        np.tile(rose[:, None], (1, 3)),
        np.zeros((n, 2), np.int64),
        np.zeros(n, np.int8),
        np.arange(n) < 4000,
    )
    shuffled = lessons._replace(up=rng.permutation(lessons.up))

    hits = []
    for taught in (lessons, shuffled):
        model = learn(RecurrentNet, taught, Course(epochs=12, rate=1e-2, batch=8), seed=1)
        said = answer(model, lessons, 4200, n)[:, 24] > 0
        hits.append(float((said == (rose[4200:] > 0)).mean()))

    assert hits[0] > 0.7
    assert abs(hits[1] - 0.5) < 0.15
