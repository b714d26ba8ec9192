"""POST /api/ai/predict: where the price of a pair may be in the coming bars, and how surely."""

from typing import Annotated, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import FORECASTS
from lib.outlook import Call, Direction, Forecast, ForecastStep
from lib.units import PairName, Price, UnixMs
from lib.views.foresight import BARS, Timeframe, fetch_closed, fetch_forecast

ACTIONS: dict[Direction, Call] = {"bullish": "buy", "bearish": "sell", "neutral": "hold"}


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class PredictRequest(Request):
    """Which pair, on which bars, how far, how wide."""

    symbol: Annotated[
        str, Field(description="an asset or a pair, in any spelling", examples=["BTC/USDT"])
    ]
    timeframe: Timeframe = "1h"
    horizon: Annotated[int, Field(ge=1, le=168, description="a number of bars ahead")] = 24
    model: Annotated[
        Literal["ensemble", "ensemble_v3"],
        BeforeValidator(_lower),
        Field(description="ensemble_v3, or ensemble for the newest"),
    ] = "ensemble"
    interval: Annotated[
        float, Field(ge=0.5, le=0.99, description="the share of outcomes that the bounds hold")
    ] = 0.8


class Prediction(Struct, frozen=True, kw_only=True):
    """The close of one coming bar. `timestamp` is when it closes, `price` the median; outcomes
    fall inside the bounds with the probability `confidence`."""

    timestamp: UnixMs
    price: Price
    confidence: float
    lower_bound: Price
    upper_bound: Price


class PredictReply(Reply, kw_only=True):
    """`confidence` is the stated coverage of the bounds, `probability_up` the calibrated chance of
    a higher close at the horizon; `direction` is neutral unless that is clear of one half.
    `prediction` is the last predicted price, `timestamp` the close of the last candle seen."""

    symbol: PairName
    timeframe: str
    horizon: int
    current_price: Price
    predictions: list[Prediction]
    model: str
    members: list[str]
    confidence: float
    interval: float
    direction: Direction
    probability_up: float | None
    action: Call
    prediction: Price
    fallback_reason: str | None
    notes: list[str]
    timestamp: UnixMs


async def ai_predict(request: PredictRequest, ctx: Context) -> PredictReply:
    """Forecast the closes of the next `horizon` bars, with bounds.

    The bounds are calibrated: on the models' test period they held the stated share of outcomes
    (`/api/models/list`); what became of live forecasts stands in `/api/ai/performance`.
    """
    pair = ctx.read_symbol(request.symbol).pair
    candles = await fetch_closed(ctx, pair, request.timeframe)
    found = await fetch_forecast(
        ctx, pair, request.timeframe, candles, request.horizon, request.interval
    )
    if found.probability_up is None:
        ctx.lacks("probability_up", "no direction was found to be foreseeable so far ahead")
    if found.fallback_reason is None:
        ctx.lacks("fallback_reason", "nothing failed")
    return _reply(str(pair), found)


def _reply(symbol: str, found: Forecast) -> PredictReply:
    return PredictReply(
        symbol=symbol,
        timeframe=found.timeframe,
        horizon=found.horizon,
        current_price=found.current_price,
        predictions=[_step(step, found.interval) for step in found.steps],
        model=found.model,
        members=list(found.members),
        confidence=found.interval,
        interval=found.interval,
        direction=found.direction,
        probability_up=found.probability_up,
        action=ACTIONS[found.direction],
        prediction=found.steps[-1].price,
        fallback_reason=found.fallback_reason,
        notes=list(found.notes),
        timestamp=found.time_ms,
    )


def _step(step: ForecastStep, interval: float) -> Prediction:
    return Prediction(
        timestamp=step.time_ms,
        price=step.price,
        confidence=interval,
        lower_bound=step.lower,
        upper_bound=step.upper,
    )


endpoints = (
    Endpoint(
        method="POST",
        path="/api/ai/predict",
        request=PredictRequest,
        reply=PredictReply,
        call=ai_predict,
        feeds=(FORECASTS, BARS),
        tag="AI",
        bundle="ai",
        memory_mb=1024,
    ),
)
handler = lambda_handler(*endpoints)
