"""Model cards: what each shipped model reached on periods and texts that it never saw."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

FOLDER: Final = Path(__file__).parents[1] / "models"

Card = dict[str, Any]
"""A card as it lies in its file."""


class Figures(Struct, kw_only=True):
    """What a model reached on a test period that its training never saw. `crps_ratio` below 1
    beats a random walk with the last 500 bars' deviation."""

    data: str
    start: str
    end: str
    horizon: int
    n: int
    crps_ratio: float
    coverage_80: float
    coverage_95: float


class ChanceBin(Struct, kw_only=True):
    """Of `n` cases: the mean probability that was said, and the share that came true."""

    n: int
    said: float
    happened: float


class ChanceFigures(Struct, kw_only=True):
    """How good a model's probabilities were on that period: of a rise after `horizon` bars
    (`direction`), or of the target before the stop (`signal`). A direction is named only clear of
    one half, `named_share` of the time. Intervals are of 95 %, whole weeks drawn."""

    data: str
    start: str
    end: str
    of: str
    horizon: int
    n: int
    hit_rate: float | None
    hit_rate_interval: list[float] | None
    named_share: float | None
    named_hit_rate: float | None
    named_hit_rate_interval: list[float] | None
    brier: float
    ece: float
    reliability: list[ChanceBin]


class ToneFigures(Struct, kw_only=True):
    """How well labelled texts were judged; `start` and `end` are the days of the first and last
    text where they have any. With `folds`, each text by weights that never saw it."""

    data: str
    start: str | None
    end: str | None
    folds: int
    n: int
    accuracy: float
    macro_f1: float
    recall: dict[str, float | None]
    ece: float
    reliability: list[ChanceBin]


@cache  # it ships with the code
def read_card(name: str) -> Card:
    """The card of a model; empty where there is none."""
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_bytes()) if path.is_file() else {}


def read_figures(card: Card) -> list[Figures]:
    """How well it told the spread of prices, by data and horizon."""
    return [
        Figures(
            data=data,
            start=evaluation["from"],
            end=evaluation["to"],
            horizon=int(horizon),
            n=row["n"],
            crps_ratio=row["crps_ratio"],
            coverage_80=row["coverage_80"],
            coverage_95=row["coverage_95"],
        )
        for data, evaluation in _evaluations(card)
        for horizon, row in evaluation["forecast"].items()
    ]


def read_chances(card: Card) -> list[ChanceFigures]:
    """How good its probabilities were: first of directions, then of signals."""
    directions = [
        _chances(data, evaluation, row, of="direction", horizon=int(horizon))
        for data, evaluation in _evaluations(card)
        for horizon, row in evaluation["direction"].items()
    ]
    signals = [
        _chances(data, evaluation, row, of="signal", horizon=row["horizon"])
        for data, evaluation in _evaluations(card)
        if "ece" in (row := evaluation["signals"])
    ]
    return [*directions, *signals]


def read_tones(card: Card) -> list[ToneFigures]:
    """How well it judged labelled texts, by data."""
    return [
        ToneFigures(
            data=data,
            start=row.get("from"),
            end=row.get("to"),
            folds=row["folds"],
            n=row["n"],
            accuracy=row["accuracy"],
            macro_f1=row["macro_f1"],
            recall=row["recall"],
            ece=row["ece"],
            reliability=_bins(row, "right"),
        )
        for data, row in _evaluations(card)
    ]


def _evaluations(card: Card) -> Iterator[tuple[str, Card]]:
    yield from card.get("evaluations", {}).items()


def _chances(data: str, evaluation: Card, row: Card, *, of: str, horizon: int) -> ChanceFigures:
    return ChanceFigures(
        data=data,
        start=evaluation["from"],
        end=evaluation["to"],
        of=of,
        horizon=horizon,
        n=row["n"],
        # nobody hits or misses a signal: it names a chance and no side
        hit_rate=row.get("hit_rate"),
        hit_rate_interval=row.get("hit_rate_interval"),
        named_share=row.get("named_share"),
        named_hit_rate=row.get("named_hit_rate"),
        named_hit_rate_interval=row.get("named_hit_rate_interval"),
        brier=row["brier"],
        ece=row["ece"],
        reliability=_bins(row, "happened"),
    )


def _bins(row: Card, came: str) -> list[ChanceBin]:
    return [ChanceBin(n=b["n"], said=b["said"], happened=b[came]) for b in row["reliability"]]
