"""`ensemble_v3`: HAR volatility, a GRU and a CNN, their quantiles averaged, then calibrated."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis import network
from lib.analysis.calibration import Platt, widen
from lib.analysis.features import STEPS, Features, Singles
from lib.analysis.network import HORIZONS, SIDES, TOUCH_AT, UP_AT, Head
from lib.analysis.series import Floats

NAME: Final = "ensemble_v3"
MEMBERS: Final = ("har", "gru", "cnn")
_CHUNK = 512  # origins worked on at once: bounds memory, changes nothing


class Judgement(NamedTuple):
    """What the ensemble says about N origins."""

    quantiles: Floats  # of the log return, [N, HORIZONS, LEVELS]
    up: Floats  # P(the close is higher) at UP_HORIZONS, [N, 3]
    touch: Floats  # P(target first), P(stop first), P(neither) for long and short, [N, 2, 3]


class Ensemble(NamedTuple):
    """The weights of one time frame."""

    state_mean: Singles
    state_scale: Singles
    bar_mean: Singles
    bar_scale: Singles
    har: Floats  # log scale of a bar over each horizon, from the state: [STATE_INPUTS, H]
    har_shape: Floats  # quantiles in units of that scale, [H, L]
    gru: network.Recurrent
    cnn: network.Pattern
    blend: Floats  # weights of MEMBERS, [H, 3]
    widths: Floats  # [H, L]
    up: Platt
    touch: Platt
    barriers: Floats  # target and stop in ATR

    def judge(self, seen: Features, rows: NDArray[np.intp], at: NDArray[np.intp]) -> Judgement:
        """Judge the origins (symbol row, bar) of a measured grid; nothing after a bar is read."""
        parts = [
            self._judge(seen, rows[i : i + _CHUNK], at[i : i + _CHUNK])
            for i in range(0, max(len(rows), 1), _CHUNK)
        ]
        return Judgement(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _judge(self, seen: Features, rows: NDArray[np.intp], at: NDArray[np.intp]) -> Judgement:
        raw = seen.state[rows, at]
        scale = self.scale(raw, seen.log_sigma[rows, at])
        state = self.standard_state(raw)
        bars = self.standard_bars(windows(seen.bars, rows, at))
        gru = network.recurrent(self.gru, bars, state)
        cnn = network.pattern(self.cnn, bars, state)
        har, mine, theirs = (self.blend[:, i, None] for i in range(len(MEMBERS)))
        mixed = har * self.har_shape + mine * network.quantiles(gru)
        mixed = mixed + theirs * network.quantiles(cnn)
        calibrated = widen(scale[..., None] * mixed, self.widths, seen.missing[rows, at])
        said = (gru + cnn) / 2
        up = 1 / (1 + np.exp(-self.up(said[:, UP_AT:TOUCH_AT])))
        touch = np.exp(self.touch(said[:, TOUCH_AT:].reshape(-1, SIDES, 3)))
        return Judgement(calibrated, up, touch / touch.sum(-1, keepdims=True))

    def scale(self, raw_state: Singles, log_sigma: Floats) -> Floats:
        """The HAR member: volatility over each horizon, `[N, H]`."""
        per_bar = raw_state.astype(np.float64) @ self.har + log_sigma[:, None]
        return np.exp(per_bar) * np.sqrt(HORIZONS)

    def standard_state(self, raw: Singles) -> Singles:
        """The state as the nets know it."""
        return ((raw - self.state_mean) / self.state_scale).clip(-5, 5)

    def standard_bars(self, raw: Singles) -> Singles:
        """Bars as the nets know them."""
        return ((raw - self.bar_mean) / self.bar_scale).clip(-5, 5)


def windows(bars: Singles, rows: NDArray[np.intp], at: NDArray[np.intp]) -> Singles:
    """The last STEPS bars up to each origin; before the first bar there is nothing, which is 0."""
    steps = at[:, None] + np.arange(1 - STEPS, 1)
    taken: Singles = bars[rows[:, None], steps.clip(0)]
    taken[steps < 0] = 0
    return taken


def load_ensemble(path: Path) -> Ensemble:
    """Read the weights that `train` wrote; stored in half precision, used in single."""
    with np.load(path, allow_pickle=False) as file:
        stored = {name: file[name] for name in file.files}
    single = {k: v.astype(np.float32) for k, v in stored.items() if v.dtype != np.float64}
    return Ensemble(
        **{k: single[k] for k in ("state_mean", "state_scale", "bar_mean", "bar_scale")},
        **{k: stored[k] for k in ("har", "har_shape", "blend", "widths", "barriers")},
        gru=network.Recurrent(single["gru_step"], Head(single["gru_inner"], single["gru_outer"])),
        cnn=network.Pattern(
            tuple(single[f"cnn_layer_{i}"] for i in range(5)),
            Head(single["cnn_inner"], single["cnn_outer"]),
        ),
        up=Platt(stored["up_centre"], stored["up_slope"]),
        touch=Platt(stored["touch_centre"], stored["touch_slope"]),
    )
