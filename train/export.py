"""Torch weights as the arrays that `lib.analysis.network` multiplies with."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib.analysis.features import BAR_INPUTS
from lib.analysis.network import HIDDEN
from train.nets import Net, PatternNet, RecurrentNet

Arrays = dict[str, NDArray[Any]]


def recurrent_arrays(models: Sequence[Net]) -> Arrays:
    """One matrix a GRU: gates, and the candidate's two halves apart.

    The gates are halved, since a sigmoid is computed as a tanh of half its argument.
    """
    made = []
    for model in models:
        assert isinstance(model, RecurrentNet)
        weights = {k: v.detach().numpy().T for k, v in model.body.named_parameters()}
        inputs, states = weights["weight_ih_l0"], weights["weight_hh_l0"]
        step = np.zeros((BAR_INPUTS + HIDDEN + 1, 4 * HIDDEN), dtype=np.float32)
        gates, bar, state = np.split(np.arange(4 * HIDDEN), [2 * HIDDEN, 3 * HIDDEN])
        both = np.concatenate([inputs, states])
        step[:-1, gates] = both[:, gates] / 2
        step[:BAR_INPUTS, bar] = inputs[:, 2 * HIDDEN :]
        step[BAR_INPUTS:-1, state] = states[:, 2 * HIDDEN :]
        step[-1, gates] = (weights["bias_ih_l0"] + weights["bias_hh_l0"])[gates] / 2
        step[-1, bar] = weights["bias_ih_l0"][2 * HIDDEN :]
        step[-1, state] = weights["bias_hh_l0"][2 * HIDDEN :]
        made.append(step)
    return _half({"gru_step": np.stack(made), **_heads("gru", models)})


def pattern_arrays(models: Sequence[Net]) -> Arrays:
    """Each convolution as one matrix over three bars, the oldest first."""
    made: Arrays = {}
    for i in range(5):
        stacked = []
        for model in models:
            assert isinstance(model, PatternNet)
            layer = model.layers[i]
            weight = layer.weight.detach().numpy().transpose(2, 1, 0)
            flat = weight.reshape(-1, HIDDEN)
            stacked.append(np.vstack([flat, layer.bias.detach().numpy()]))
        made[f"cnn_layer_{i}"] = np.stack(stacked)
    return _half({**made, **_heads("cnn", models)})


def _heads(name: str, models: Sequence[Net]) -> Arrays:
    inner, outer = ([m.head[at] for m in models] for at in (1, 4))
    return {
        f"{name}_{part}": np.stack(
            [np.vstack([x.weight.detach().numpy().T, x.bias.detach().numpy()]) for x in layers]
        )
        for part, layers in (("inner", inner), ("outer", outer))
    }


def _half(arrays: Arrays) -> Arrays:
    return {name: x.astype(np.float16) for name, x in arrays.items()}
