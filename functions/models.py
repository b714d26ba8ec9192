"""GET /api/models/list, /status, /health, /summary: the models that ship, and their figures."""

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import FORECASTS, SENTIMENT
from lib.units import UnixMs
from lib.views.model_cards import (
    FOLDER,
    ChanceFigures,
    Figures,
    ToneFigures,
    read_card,
    read_chances,
    read_figures,
    read_tones,
)
from lib.wording.judge import MODEL as TONE

TIMEFRAMES = ("1h", "4h", "1d")


class ModelsRequest(Request):
    """Nothing to choose."""


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
    card = read_card(f"price_{timeframe}")
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
        figures=read_figures(card),
        chances=read_chances(card),
        tones=[],
    )


def _tone(ctx: Context) -> ModelView:
    card = read_card(TONE)
    tones = read_tones(card)
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
        trained_to=max((tone.end or "" for tone in tones), default="") or None,
        calibrated_on=card.get("calibrated_on"),
        licence=card.get("licence"),
        figures=[],
        chances=[],
        tones=tones,
    )


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
