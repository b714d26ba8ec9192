"""GET /api/ai/analysis/{symbol}: technical, fundamental, mood and outlook of one pair."""

import asyncio
from typing import Annotated, ClassVar, Final

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import ApiError
from lib.feeds import (
    BITCOIN_TRANSFERS,
    ETHEREUM_TRANSFERS,
    FORECASTS,
    GLOBALS,
    LISTINGS,
    TICKERS,
)
from lib.market import Pair
from lib.news import Tone
from lib.outlook import Indicators, Levels
from lib.timeframes import TIMEFRAME_MS
from lib.units import PairName, Price, UnixMs
from lib.views.foresight import BARS, Timeframe, fetch_closed, read_chart
from lib.views.fundamentals import Fundamental, read_fundamental
from lib.views.hearsay import listen
from lib.views.newsroom import NEWS_OF_MOODS, read_stories
from lib.views.prospects import Prospect, read_prospect

PATIENCE_S: Final = 1.2
"""What news may take; without it the rest is answered."""


class AnalysisRequest(Request):
    """Of which pair, on which bars."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    timeframe: Annotated[Timeframe, Field(description="of the technical part")] = "4h"


class KeyIndicators(Struct, kw_only=True):
    """In words where a number would say little."""

    rsi_14: float | None
    macd: str | None
    moving_averages: str | None
    volume: str | None


class Technical(Struct, kw_only=True):
    """`strength` goes from 0 to 10, by ADX; levels are nearest first."""

    timeframe: str
    trend: str | None
    strength: float | None
    support_levels: list[Price]
    resistance_levels: list[Price]
    key_indicators: KeyIndicators
    reasoning: list[str]


class Mood(Struct, kw_only=True):
    """From the news that names the asset; scores from -1 to 1."""

    overall: Tone | None
    score: float | None
    social_volume: int | None
    news_sentiment: float | None
    sample_size: int


class Analysis(Struct, kw_only=True):
    """The four parts."""

    technical: Technical
    fundamental: Fundamental
    sentiment: Mood
    prediction: Prospect


class AnalysisReply(Reply, kw_only=True):
    """`timestamp` is the close of the last candle of the technical part."""

    symbol: PairName
    analysis: Analysis
    timestamp: UnixMs


async def ai_analysis(request: AnalysisRequest, ctx: Context) -> AnalysisReply:
    """Everything about one pair in one reply; what nobody tells is null, with the reason."""
    pair = ctx.read_symbol(request.symbol).pair
    (technical, close_ms), prospect, fundamental, mood = await gather(
        _technical(ctx, pair, request.timeframe),
        read_prospect(ctx, pair, "analysis.prediction"),
        read_fundamental(ctx, pair.base, "analysis.fundamental"),
        _mood(ctx, pair.base),
    )
    for note in [note for note in ctx.missing if not note.startswith("analysis.")]:
        del ctx.missing[note]  # of alerts and prices that went into a sum
    analysis = Analysis(
        technical=technical, fundamental=fundamental, sentiment=mood, prediction=prospect
    )
    return AnalysisReply(symbol=str(pair), analysis=analysis, timestamp=close_ms)


async def _technical(ctx: Context, pair: Pair, timeframe: str) -> tuple[Technical, int]:
    candles = await fetch_closed(ctx, pair, timeframe)
    seen, levels, sentences = await read_chart(timeframe, candles)
    made = _chart(timeframe, seen, levels, sentences)
    for field in ("trend", "strength"):
        if getattr(made, field) is None:
            ctx.lacks(f"analysis.technical.{field}", "too little history, or nothing moved")
    for field in KeyIndicators.__struct_fields__:
        if getattr(made.key_indicators, field) is None:
            ctx.lacks(f"analysis.technical.key_indicators.{field}", "too little history")
    return made, candles[-1].open_ms + TIMEFRAME_MS[timeframe]


def _chart(
    timeframe: str, seen: Indicators, levels: Levels, sentences: tuple[str, ...]
) -> Technical:
    return Technical(
        timeframe=timeframe,
        trend=seen.trend,
        strength=seen.strength,
        support_levels=[level.price for level in levels.support],
        resistance_levels=[level.price for level in levels.resistance],
        key_indicators=KeyIndicators(
            rsi_14=seen.rsi,
            macd=seen.macd_state,
            moving_averages=seen.moving_averages,
            volume=seen.volume_trend,
        ),
        reasoning=list(sentences),
    )


async def _mood(ctx: Context, base: str) -> Mood:
    ctx.lacks("analysis.sentiment.social_volume", "no free source tells it")
    heard, failed = None, False
    try:
        async with asyncio.timeout(PATIENCE_S):
            stories = await read_stories(ctx, NEWS_OF_MOODS)
    except (ApiError, TimeoutError):
        why, failed = "no news could be read in time", True
    else:
        heard = listen(stories, base)
        why = f"none of the {len(stories)} latest stories names it"
    if heard is None:
        for field in ("overall", "score", "news_sentiment"):
            ctx.lacks(f"analysis.sentiment.{field}", why, failed=failed)
    return Mood(
        overall=heard.tone if heard else None,
        score=heard.score if heard else None,
        social_volume=None,
        news_sentiment=heard.mean if heard else None,
        sample_size=len(heard.stories) if heard else 0,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ai/analysis/{symbol:path}",
        request=AnalysisRequest,
        reply=AnalysisReply,
        call=ai_analysis,
        feeds=(
            TICKERS,
            *NEWS_OF_MOODS,
            BITCOIN_TRANSFERS,
            ETHEREUM_TRANSFERS,
            GLOBALS,
            LISTINGS,
            FORECASTS,
            BARS,
        ),
        tag="AI",
        bundle="ai",
        memory_mb=1024,
    ),
)
handler = lambda_handler(*endpoints)
