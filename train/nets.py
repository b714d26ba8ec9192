"""The recurrent and the pattern member in torch, and how they learn.

Both read the last 63 bars and the state of volatility at the last of them, and say for each
horizon where the median is, how wide and how fat-tailed the outcome, in units of the HAR scale.
"""

import math
from statistics import NormalDist

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lib.analysis.features import BAR_INPUTS, STATE_INPUTS, STEPS
from lib.analysis.network import DRIFT_HORIZONS, HIDDEN, HORIZONS, LEVELS, UP_HORIZONS
from train.lessons import Lessons
from train.plan import Course

_SPAN = 96  # origins that one segment teaches


class RecurrentNet(nn.Module):
    """A GRU over the bars."""

    def __init__(self, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.body = nn.GRU(BAR_INPUTS, HIDDEN, batch_first=True)
        self.head = _head(outputs, dropout)

    def forward(self, bars: Tensor, state: Tensor) -> Tensor:
        hidden, _ = self.body(bars)
        return self.head(torch.cat([hidden[:, STEPS - 1 :], state], -1))


class PatternNet(nn.Module):
    """Five dilated convolutions: a tree of 3-bar patterns over 63 bars."""

    def __init__(self, outputs: int, dropout: float = 0.0) -> None:
        super().__init__()
        sizes = [BAR_INPUTS, *[HIDDEN] * 5]
        self.layers = nn.ModuleList(
            nn.Conv1d(sizes[i], sizes[i + 1], 3, dilation=2**i) for i in range(5)
        )
        self.forget = nn.Dropout1d(dropout)  # whole patterns, so that none is relied on alone
        self.head = _head(outputs, dropout)

    def forward(self, bars: Tensor, state: Tensor) -> Tensor:
        x = bars.transpose(1, 2)
        for i, layer in enumerate(self.layers):
            made = self.forget(torch.tanh(layer(x)))
            x = made if i == 0 else (made + x[..., -made.shape[-1] :]) / 2
        return self.head(torch.cat([x.transpose(1, 2), state], -1))


Net = RecurrentNet | PatternNet


def _head(outputs: int, dropout: float) -> nn.Sequential:
    head = nn.Sequential(
        nn.Dropout(dropout),
        nn.Linear(HIDDEN + STATE_INPUTS, HIDDEN),
        nn.Tanh(),
        nn.Dropout(dropout),
        nn.Linear(HIDDEN, outputs),
    )
    nn.init.zeros_(head[4].weight)
    nn.init.zeros_(head[4].bias)
    return head


def quantiles(out: Tensor) -> Tensor:
    """Quantiles in units of the HAR scale, `[..., H, L]`; the mirror of `network.quantiles`."""
    z = torch.tensor([NormalDist().inv_cdf(q) for q in LEVELS], dtype=out.dtype)
    n, m = len(HORIZONS), len(DRIFT_HORIZONS)
    middle = torch.nn.functional.pad(out[..., :m], (0, n - m))
    width = torch.exp(out[..., m : m + n].clamp(-3, 3))
    tail = 0.1 + 1.1 * torch.sigmoid(out[..., m + n : m + 2 * n])
    shape = torch.sinh(tail[..., None] * z) / torch.sinh(tail[..., None] * 0.6745)
    return middle[..., None] + width[..., None] * shape


def learn(kind: type[Net], lessons: Lessons, course: Course, seed: int) -> Net:
    """Teach a member; the same seed makes the same member."""
    torch.manual_seed(seed)
    model = kind(outputs_for(lessons.touch.shape[-1]), course.dropout)
    starts = _segments(lessons.taught)
    tensors = [torch.from_numpy(x) for x in lessons[:6]]
    taught = torch.from_numpy(lessons.taught)
    optimiser = torch.optim.AdamW(model.parameters(), lr=course.rate, weight_decay=course.decay)
    per_epoch = math.ceil(len(starts) / course.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, course.rate, total_steps=per_epoch * course.epochs, pct_start=0.15
    )
    offsets = torch.arange(_SPAN + STEPS - 1)
    for _ in range(course.epochs):
        jitter = torch.randint(0, _SPAN, (len(starts),))
        order = torch.randperm(len(starts))
        for chosen in order.split(course.batch):
            first = (torch.from_numpy(starts)[chosen] - jitter[chosen]).clamp(min=0)
            rows = (first[:, None] + offsets).clamp(max=len(taught) - 1)
            ends = rows[:, STEPS - 1 :]
            state, outcome, weight, up, touch = (x[ends] for x in tensors[1:])
            loss = score(model(tensors[0][rows], state), outcome, weight, up, touch, taught[ends])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def score(
    out: Tensor, outcome: Tensor, weight: Tensor, up: Tensor, touch: Tensor, taught: Tensor
) -> Tensor:
    """Pinball over all levels and horizons, plus the log losses of direction and of barriers."""
    levels = torch.tensor(LEVELS, dtype=out.dtype)
    known = taught[..., None] & ~torch.isnan(outcome)
    error = torch.nan_to_num(outcome)[..., None] - quantiles(out)
    pinball = torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    fit = (pinball * weight[..., None] * known).sum() / known.sum().clamp(min=1)

    at = len(DRIFT_HORIZONS) + 2 * len(HORIZONS)
    logits = out[..., at : at + len(UP_HORIZONS)]
    told = taught[..., None] & ~torch.isnan(up)
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, torch.nan_to_num(up), reduction="none"
    )
    direction = (losses * told).sum() / told.sum().clamp(min=1)

    sides = touch.shape[-1]
    classes = out[..., at + len(UP_HORIZONS) :].reshape(*out.shape[:-1], sides, 3)
    target = torch.where(taught[..., None], touch, -1)
    barrier = nn.functional.cross_entropy(
        classes.reshape(-1, 3), target.reshape(-1), ignore_index=-1
    )
    return fit + 0.1 * direction + 0.05 * barrier


def outputs_for(sides: int) -> int:
    """Numbers that a member says about an origin."""
    return len(DRIFT_HORIZONS) + 2 * len(HORIZONS) + len(UP_HORIZONS) + 3 * sides


@torch.no_grad()
def answer(model: nn.Module, lessons: Lessons, first: int, last: int) -> NDArray[np.float32]:
    """What the member says about each row of a span."""
    made = []
    for start in range(first, last, 2048):
        end = min(start + 2048, last)
        rows = torch.arange(start - STEPS + 1, end).clamp(min=0)
        bars = torch.from_numpy(lessons.bars)[rows].clone()
        state = torch.from_numpy(lessons.state[start:end])
        if isinstance(model, RecurrentNet):
            windows = bars.unfold(0, STEPS, 1).transpose(1, 2)
            made.append(model(windows, state[:, None]).squeeze(1).numpy())
        else:
            made.append(model(bars[None], state[None]).squeeze(0).numpy())
    return np.concatenate(made)


def _segments(taught: NDArray[np.bool_]) -> NDArray[np.int64]:
    """First rows of the segments that hold at least one origin to learn from."""
    starts = np.arange(0, len(taught), _SPAN)
    useful = np.add.reduceat(taught, starts) > 0
    return (starts - (STEPS - 1)).clip(0)[useful]
