"""The trained members at work, in numpy alone: a GRU and a small CNN over windows of bars.

Every function takes several models of one kind at once (`[M, ...]` weights): the models of the
training folds, whose answers are averaged.
"""

from typing import Final, NamedTuple

import numpy as np

from lib.analysis.features import Singles

HORIZONS: Final = (1, 2, 3, 6, 12, 24, 48, 96, 168)
DRIFT_HORIZONS: Final = HORIZONS[:6]  # beyond a day's bars the median is the last price
UP_HORIZONS: Final = (1, 6, 24)
HIDDEN: Final = 32
_CENTRAL = [round(0.05 * i, 2) for i in range(1, 20)]
LEVELS: Final = (0.005, 0.01, 0.025, *_CENTRAL, 0.975, 0.99, 0.995)
MEDIAN: Final = LEVELS.index(0.5)
NORMAL: Final = (  # quantiles of the normal distribution at LEVELS
    *(-2.5758293, -2.3263479, -1.9599640, -1.6448536, -1.2815516, -1.0364334, -0.8416212),
    *(-0.6744898, -0.5244005, -0.3853205, -0.2533471, -0.1256613, 0.0, 0.1256613, 0.2533471),
    *(0.3853205, 0.5244005, 0.6744898, 0.8416212, 1.0364334, 1.2815516, 1.6448536, 1.9599640),
    *(2.3263479, 2.5758293),
)

UP_AT: Final = len(DRIFT_HORIZONS) + 2 * len(HORIZONS)
TOUCH_AT: Final = UP_AT + len(UP_HORIZONS)
SIDES: Final = 2  # long, short: each says target first, stop first, neither


class Head(NamedTuple):
    """Two dense layers that end each member."""

    inner: Singles  # [M, HIDDEN + STATE_INPUTS + 1, HIDDEN], the last row is the bias
    outer: Singles  # [M, HIDDEN + 1, outputs]


class Recurrent(NamedTuple):
    """GRUs; one product a step gives the gates and both halves of the candidate state."""

    step: Singles  # [M, BAR_INPUTS + HIDDEN + 1, 4 * HIDDEN]: reset, update, from bar, from state
    head: Head


class Pattern(NamedTuple):
    """CNNs; five layers of 3-bar patterns, each looking twice as far as the last."""

    layers: tuple[Singles, ...]  # [M, 3 * inputs + 1, HIDDEN]
    head: Head


def recurrent(model: Recurrent, bars: Singles, state: Singles) -> Singles:
    """What the GRUs say about each window `[N, STEPS, BAR_INPUTS]`, averaged: `[N, outputs]`."""
    n, steps, inputs = bars.shape
    m = len(model.step)
    seen = np.ones((m, n, inputs + HIDDEN + 1), dtype=np.float32)
    hidden = seen[..., inputs:-1]
    hidden[...] = 0
    for t in range(steps):
        seen[..., :inputs] = bars[:, t]
        gates = seen @ model.step
        opened = np.tanh(gates[..., : 2 * HIDDEN])
        reset = opened[..., :HIDDEN] * 0.5 + 0.5
        keep = opened[..., HIDDEN:] * 0.5 + 0.5
        made = np.tanh(gates[..., 2 * HIDDEN : 3 * HIDDEN] + reset * gates[..., 3 * HIDDEN :])
        hidden[...] = made + keep * (hidden - made)
    return _head(model.head, hidden, state)


def pattern(model: Pattern, bars: Singles, state: Singles) -> Singles:
    """What the CNNs say about each window, averaged; only bars that reach the end are computed."""
    x: Singles = np.broadcast_to(bars, (len(model.layers[0]), *bars.shape))
    for i, layer in enumerate(model.layers):
        triples = np.concatenate([x[:, :, :-2:2], x[:, :, 1:-1:2], x[:, :, 2::2]], -1)
        made = np.tanh(_dense(triples, layer[:, None]))
        x = made if i == 0 else (made + x[:, :, 2::2]) / np.float32(2)
    return _head(model.head, x[:, :, 0], state)


def quantiles(out: Singles) -> Singles:
    """From a member's answers to its quantiles at LEVELS, in units of the scale: `[N, H, L]`."""
    n, drifting = len(HORIZONS), len(DRIFT_HORIZONS)
    width = np.exp(out[:, drifting : drifting + n].clip(-3, 3))
    tail = 0.1 + 1.1 / (1 + np.exp(-out[:, drifting + n : drifting + 2 * n]))
    normal = np.array(NORMAL, dtype=np.float32)
    shape = np.sinh(tail[..., None] * normal) / np.sinh(tail * np.float32(0.6745))[..., None]
    made: Singles = width[..., None] * shape
    made[:, :drifting] += out[:, :drifting, None]
    return made


def _head(head: Head, seen: Singles, state: Singles) -> Singles:
    both = np.concatenate([seen, np.broadcast_to(state, (len(seen), *state.shape))], -1)
    made: Singles = _dense(np.tanh(_dense(both, head.inner)), head.outer).mean(0)
    return made


def _dense(x: Singles, weights: Singles) -> Singles:
    """A product whose last row of weights is the bias."""
    made: Singles = x @ weights[..., :-1, :] + weights[..., -1:, :]
    return made
