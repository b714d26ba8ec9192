"""The numpy members say what the torch members say."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch, which only training needs, is not installed")

from lib.analysis import network  # noqa: E402 - after the skip
from lib.analysis.features import BAR_INPUTS, STATE_INPUTS, STEPS  # noqa: E402
from train import nets  # noqa: E402
from train.export import pattern_arrays, recurrent_arrays  # noqa: E402


def make(kind: type) -> object:
    torch.manual_seed(3)
    model = kind(nets.outputs_for(2)).eval()
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    return model


def windows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    bars, state = (
        rng.standard_normal((7, STEPS, BAR_INPUTS)),
        rng.standard_normal((7, STATE_INPUTS)),
    )
    return bars.astype("f4"), state.astype("f4")


def said_by(model: object, bars: np.ndarray, state: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return model(torch.from_numpy(bars), torch.from_numpy(state)[:, None])[:, 0].numpy()


def test_the_recurrent_member_in_numpy_is_the_one_in_torch() -> None:
    model, (bars, state) = make(nets.RecurrentNet), windows()
    stored = {k: v.astype("f4") for k, v in recurrent_arrays([model]).items()}
    member = network.Recurrent(
        stored["gru_step"], network.Head(stored["gru_inner"], stored["gru_outer"])
    )

    ours = network.recurrent(member, bars, state)

    np.testing.assert_allclose(ours, said_by(model, bars, state), atol=0.02)


def test_the_pattern_member_in_numpy_is_the_one_in_torch() -> None:
    model, (bars, state) = make(nets.PatternNet), windows()
    stored = {k: v.astype("f4") for k, v in pattern_arrays([model]).items()}
    member = network.Pattern(
        tuple(stored[f"cnn_layer_{i}"] for i in range(5)),
        network.Head(stored["cnn_inner"], stored["cnn_outer"]),
    )

    ours = network.pattern(member, bars, state)

    np.testing.assert_allclose(ours, said_by(model, bars, state), atol=0.02)


def test_quantiles_in_numpy_are_those_in_torch() -> None:
    out = np.random.default_rng(0).standard_normal((5, nets.outputs_for(2))).astype("f4")
    theirs = nets.quantiles(torch.from_numpy(out)).numpy()
    np.testing.assert_allclose(network.quantiles(out), theirs, rtol=1e-3, atol=1e-4)
