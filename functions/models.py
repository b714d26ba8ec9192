"""GET /api/models/list, /status, /health, /summary: the models that ship, and their figures."""

import json
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


class ModelView(Struct, kw_only=True):
    """One model. `figures` are what `python -m train.evaluate` printed, none where it has not
    been run; `card` holds the rest of them."""

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
    card = _card(timeframe)
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
        figures=list(_figures(card)),
    )


def _tone(ctx: Context) -> ModelView:
    there = ctx.can_ask(SENTIMENT)
    return ModelView(
        id=TONE,
        name=TONE,
        task="sentiment",
        timeframe=None,
        members=[],
        source="embedded",
        status="healthy" if there else "missing",
        loaded=there,
        trained_to=None,
        calibrated_on=None,
        licence=None,
        figures=[],
    )


def _card(timeframe: str) -> dict[str, Any]:
    path = FOLDER / f"price_{timeframe}.json"
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
