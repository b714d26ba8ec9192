"""Fit one time frame: HAR, the nets of each fold, calibration on what each fold had not seen."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from lib.analysis import network
from lib.analysis.calibration import Platt
from lib.analysis.network import LEVELS, SIDES, TOUCH_AT, UP_AT
from lib.analysis.odds import better_side
from lib.analysis.series import Floats
from lib.timeframes import TIMEFRAME_MS
from train.calibrate import fit_platt, fit_touch, fit_widths
from train.data import utc_ms
from train.export import Arrays, pattern_arrays, recurrent_arrays
from train.lessons import Lessons, School, build_school, grids
from train.nets import Net, PatternNet, RecurrentNet, answer, learn
from train.plan import CAUTION_ENDS, NEAR, Plan

_KINDS = (("gru", RecurrentNet), ("cnn", PatternNet))


class Fitted(NamedTuple):
    """What is written, and the answers about unseen folds that it was calibrated on."""

    arrays: Arrays
    rows: NDArray[np.intp]
    quantiles: Floats  # in units of the HAR scale, before calibration, per member [3, N, H, L]


def fit(root: Path, timeframe: str, plan: Plan, seed: int = 7) -> Fitted:
    """Train and calibrate; the same data and seed give the same bytes."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    return fit_school(
        build_school(grids(root, timeframe, plan), timeframe, plan), timeframe, plan, seed
    )


def fit_school(school: School, timeframe: str, plan: Plan, seed: int) -> Fitted:
    """Train and calibrate on lessons already built."""
    lessons = school.lessons
    rows = np.flatnonzero(lessons.fold >= 0)
    said = {kind: np.zeros((len(rows), network.TOUCH_AT + 3 * SIDES), "f4") for kind, _ in _KINDS}
    models: dict[str, list[Net]] = {kind: [] for kind, _ in _KINDS}
    for fold in range(len(plan.folds) - 1):
        taught = _taught(school, timeframe, plan, fold)
        for kind, net in _KINDS:
            course = plan.gru if kind == "gru" else plan.cnn
            model = learn(net, lessons._replace(taught=taught), course, seed + fold)
            models[kind].append(model)
            held = lessons.fold[rows] == fold
            said[kind][held] = _answers(model, lessons, rows[held])
    outcome, scale = lessons.outcome[rows], school.scale[rows]
    har_shape = _symmetric(outcome)
    shapes = np.stack(
        [
            np.broadcast_to(har_shape, (len(rows), *har_shape.shape)),
            network.quantiles(said["gru"]),
            network.quantiles(said["cnn"]),
        ]
    )
    blend = np.array([plan.near if h <= NEAR else plan.far for h in network.HORIZONS])
    mixed = np.einsum("hm,mnhl->nhl", blend, shapes)
    mean = (said["gru"].astype(np.float64) + said["cnn"]) / 2
    ups = [fit_platt(mean[:, UP_AT + i], lessons.up[rows, i]) for i in range(TOUCH_AT - UP_AT)]
    centre, slope = _fit_barriers(
        mean[:, TOUCH_AT:].reshape(-1, SIDES, 3), lessons.touch[rows], lessons.fold[rows], plan
    )
    arrays: Arrays = {
        **{name: x.astype(np.float32) for name, x in school.standards.items()},
        "har": school.har,
        "har_shape": har_shape,
        "blend": blend,
        "widths": _fit_widths(school.returns[rows] / scale, mixed, lessons.fold[rows], plan),
        "up_centre": np.array([c for c, _ in ups]),
        "up_slope": np.array([s for _, s in ups]),
        "touch_centre": centre,
        "touch_slope": slope,
        "barriers": np.array(plan.barriers),
        **recurrent_arrays(models["gru"]),
        **pattern_arrays(models["cnn"]),
    }
    return Fitted(arrays, rows, shapes)


def _taught(school: School, timeframe: str, plan: Plan, fold: int) -> NDArray[np.bool_]:
    """Origins that may teach the members of a fold: none in it, none whose bars touch it."""
    apart = plan.embargo * TIMEFRAME_MS[timeframe]
    start, end = utc_ms(plan.folds[fold]), utc_ms(plan.folds[fold + 1])
    away = (school.open_ms < start - apart) | (school.open_ms >= end + apart)
    taught: NDArray[np.bool_] = (school.lessons.fold >= 0) & (school.lessons.fold != fold) & away
    return taught


def _fit_widths(outcome: Floats, quantiles: Floats, fold: NDArray[np.int8], plan: Plan) -> Floats:
    """Factors that cover all folds together, or, cautiously and not far ahead, each of them."""
    made = fit_widths(outcome, quantiles)
    if plan.cautious:
        each = [fit_widths(outcome[fold == k], quantiles[fold == k]) for k in np.unique(fold)]
        near = np.array(network.HORIZONS) <= CAUTION_ENDS
        made[near] = np.max(each, axis=0)[near]
    return made


def _fit_barriers(
    logits: Floats, codes: NDArray[np.int64], fold: NDArray[np.int8], plan: Plan
) -> tuple[Floats, Floats]:
    """Calibrate both sides, then again the side that would be chosen: that is what is served.

    Cautiously, no more is believed than held in every fold.
    """
    chances = np.exp(Platt(*fit_touch(logits, codes))(logits))
    chances /= chances.sum(-1, keepdims=True)
    better = better_side(chances, plan.barriers)
    chosen = np.where(better[:, None] == np.arange(SIDES), codes, -1)
    centre, slope = fit_touch(logits, chosen)
    if not plan.cautious:
        return centre, slope
    least = min(fit_touch(logits[fold == k], chosen[fold == k])[1].min() for k in np.unique(fold))
    kept = np.minimum(slope, least)
    base = (logits.mean(0) - centre) * slope
    return logits.mean(0) - base / kept, kept


def _answers(model: Net, lessons: Lessons, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    return np.concatenate([answer(model, lessons, int(run[0]), int(run[-1]) + 1) for run in runs])


def _symmetric(outcome: NDArray[np.float32]) -> Floats:
    """Pooled quantiles of outcomes in units of the scale, both tails alike: `[H, L]`."""
    made = np.stack([np.nanquantile(outcome[:, h], LEVELS) for h in range(outcome.shape[1])])
    return (made - made[:, ::-1]) / 2
