"""GET /api/models/list, /status, /health, /summary: the models that ship, and their figures."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import FORECASTS, SENTIMENT
from lib.units import UnixMs
from lib.wording.judge import MODEL as TONE

FOLDER = Path(__file__).parents[1] / "lib" / "models"
TIMEFRAMES = ("1h", "4h", "1d")


class ModelsRequest(Request):
    """Nothing to choose."""


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


class ModelView(Struct, kw_only=True):
    """One model. Figures are what the evaluate commands of `train` printed, none where they have
    not been run: of the spread of prices in `figures`, of probabilities in `chances`, of tones in
    `tones`."""

    id: str
    name: str
    task: str
    timeframe: str | None
    members: list[str]
    source: str
    status: str
    loaded: bool
    trained_to: str | None
    calibrated_on: str | None
    licence: str | None
    figures: list[Figures]
    chances: list[ChanceFigures]
    tones: list[ToneFigures]


class ModelsReply(Reply, kw_only=True):
    """The models in use."""

    status: str
    models: list[ModelView]
    count: int
    timestamp: UnixMs


class ModelsStatusReply(Reply, kw_only=True):
    """Whether the models can answer."""

    status: str
    models_loaded: int
    models_failed: int
    models: dict[str, str]
    timestamp: UnixMs


async def models_list(request: ModelsRequest, ctx: Context) -> ModelsReply:  # noqa: ARG001
    """Every model, its members, its training's end and its figures."""
    views = _models(ctx)
    return ModelsReply(
        status=_overall(views), models=views, count=len(views), timestamp=ctx.clock.now_ms()
    )


async def models_summary(request: ModelsRequest, ctx: Context) -> ModelsReply:
    """The same as the list."""
    return await models_list(request, ctx)


async def models_status(request: ModelsRequest, ctx: Context) -> ModelsStatusReply:  # noqa: ARG001
    """Which models can answer."""
    views = _models(ctx)
    loaded = sum(view.loaded for view in views)
    return ModelsStatusReply(
        status=_overall(views),
        models_loaded=loaded,
        models_failed=len(views) - loaded,
        models={view.id: view.status for view in views},
        timestamp=ctx.clock.now_ms(),
    )


async def models_health(request: ModelsRequest, ctx: Context) -> ModelsStatusReply:
    """The same as the status."""
    return await models_status(request, ctx)


def _overall(views: list[ModelView]) -> str:
    return "healthy" if all(view.loaded for view in views) else "degraded"


def _models(ctx: Context) -> list[ModelView]:
    return [*(_price(timeframe, ctx) for timeframe in TIMEFRAMES), _tone(ctx)]


def _price(timeframe: str, ctx: Context) -> ModelView:
    card = _card(f"price_{timeframe}")
    there = (FOLDER / f"price_{timeframe}.npz").is_file() and ctx.can_ask(FORECASTS)
    name = card.get("model", "ensemble_v3")
    return ModelView(
        id=f"{name}:{timeframe}",
        name=name,
        task="price forecast",
        timeframe=timeframe,
        members=card.get("members", []),
        source="embedded",
        status="healthy" if there else "missing",
        loaded=there,
        trained_to=card.get("trained_to"),
        calibrated_on=card.get("calibrated_on"),
        licence=card.get("licence"),
        figures=_figures(card),
        chances=[*_directions(card), *_signals(card)],
        tones=[],
    )


def _tone(ctx: Context) -> ModelView:
    card = _card(TONE)
    there = ctx.can_ask(SENTIMENT)
    return ModelView(
        id=TONE,
        name=TONE,
        task="sentiment",
        timeframe=None,
        members=card.get("members", []),
        source="embedded",
        status="healthy" if there else "missing",
        loaded=there,
        trained_to=max((tone.end or "" for tone in _tones(card)), default="") or None,
        calibrated_on=card.get("calibrated_on"),
        licence=card.get("licence"),
        figures=[],
        chances=[],
        tones=_tones(card),
    )


@cache  # it ships with the code
def _card(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_bytes()) if path.is_file() else {}


def _figures(card: dict[str, Any]) -> list[Figures]:
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
        for data, evaluation in card.get("evaluations", {}).items()
        for horizon, row in evaluation["forecast"].items()
    ]


def _directions(card: dict[str, Any]) -> list[ChanceFigures]:
    return [
        ChanceFigures(
            data=data,
            start=evaluation["from"],
            end=evaluation["to"],
            of="direction",
            horizon=int(horizon),
            n=row["n"],
            hit_rate=row["hit_rate"],
            hit_rate_interval=row["hit_rate_interval"],
            named_share=row["named_share"],
            named_hit_rate=row["named_hit_rate"],
            named_hit_rate_interval=row["named_hit_rate_interval"],
            brier=row["brier"],
            ece=row["ece"],
            reliability=_bins(row, "happened"),
        )
        for data, evaluation in card.get("evaluations", {}).items()
        for horizon, row in evaluation["direction"].items()
    ]


def _signals(card: dict[str, Any]) -> list[ChanceFigures]:
    return [
        ChanceFigures(
            data=data,
            start=evaluation["from"],
            end=evaluation["to"],
            of="signal",
            horizon=row["horizon"],
            n=row["n"],
            hit_rate=None,
            hit_rate_interval=None,
            named_share=None,
            named_hit_rate=None,
            named_hit_rate_interval=None,
            brier=row["brier"],
            ece=row["ece"],
            reliability=_bins(row, "happened"),
        )
        for data, evaluation in card.get("evaluations", {}).items()
        if "ece" in (row := evaluation["signals"])
    ]


def _tones(card: dict[str, Any]) -> list[ToneFigures]:
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
        for data, row in card.get("evaluations", {}).items()
    ]


def _bins(row: dict[str, Any], came: str) -> list[ChanceBin]:
    return [ChanceBin(n=b["n"], said=b["said"], happened=b[came]) for b in row["reliability"]]


endpoints = tuple(
    Endpoint(
        method="GET",
        path=f"/api/models/{name}",
        request=ModelsRequest,
        reply=reply,
        call=call,
        feeds=(),
        tag="AI",
        cached=False,
        bundle="ai",
    )
    for name, reply, call in (
        ("list", ModelsReply, models_list),
        ("summary", ModelsReply, models_summary),
        ("status", ModelsStatusReply, models_status),
        ("health", ModelsStatusReply, models_health),
    )
)
handler = lambda_handler(*endpoints)
