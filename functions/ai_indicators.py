"""GET /api/ai/indicators/{symbol}: technical indicators at the last closed candle."""

from typing import Annotated, ClassVar

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.outlook import Indicators, Level
from lib.timeframes import TIMEFRAME_MS
from lib.units import PairName, Price, UnixMs
from lib.views.foresight import BARS, Timeframe, fetch_closed, read_chart


class IndicatorsRequest(Request):
    """Of which pair, on which bars."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    timeframe: Timeframe = "1h"


class LevelView(Struct, kw_only=True):
    """A price at which the market turned: how often, and when last."""

    price: Price
    touches: int
    timestamp: UnixMs


class IndicatorsReply(Reply, kw_only=True):
    """`indicators` as charting programs compute them; `reasoning` says in words what they show."""

    symbol: PairName
    timeframe: str
    price: Price
    indicators: Indicators
    support_levels: list[LevelView]
    resistance_levels: list[LevelView]
    reasoning: list[str]
    timestamp: UnixMs


async def ai_indicators(request: IndicatorsRequest, ctx: Context) -> IndicatorsReply:
    """RSI, MACD, ATR, Bollinger bands, moving averages, OBV, ADX, stochastic and volume of the
    closed candles, with support and resistance from swing points."""
    pair = ctx.read_symbol(request.symbol).pair
    candles = await fetch_closed(ctx, pair, request.timeframe)
    seen, levels, sentences = await read_chart(request.timeframe, candles)
    for field in Indicators.__struct_fields__:
        if getattr(seen, field) is None:
            ctx.lacks(f"indicators.{field}", "too little history, or nothing moved")
    return IndicatorsReply(
        symbol=str(pair),
        timeframe=request.timeframe,
        price=candles[-1].close,
        indicators=seen,
        support_levels=[_view(level) for level in levels.support],
        resistance_levels=[_view(level) for level in levels.resistance],
        reasoning=list(sentences),
        timestamp=candles[-1].open_ms + TIMEFRAME_MS[request.timeframe],
    )


def _view(level: Level) -> LevelView:
    return LevelView(price=level.price, touches=level.touches, timestamp=level.last_ms)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ai/indicators/{symbol:path}",
        request=IndicatorsRequest,
        reply=IndicatorsReply,
        call=ai_indicators,
        feeds=(BARS,),
        tag="AI",
        bundle="ai",
        memory_mb=1024,
    ),
)
handler = lambda_handler(*endpoints)
