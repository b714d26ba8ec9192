"""GET /api/ai/analysis/{symbol}: technical, fundamental, mood and outlook of one pair."""

import asyncio
from typing import Annotated, ClassVar, Final

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import ApiError, InsufficientData
from lib.feeds import (
    BITCOIN_TRANSFERS,
    ETHEREUM_TRANSFERS,
    FORECASTS,
    GLOBALS,
    LISTINGS,
    TICKERS,
)
from lib.market import GlobalStats, Listings, Pair
from lib.news import Tone
from lib.outlook import Direction, Forecast, Indicators, Levels
from lib.queries import Everything, ListQuery
from lib.timeframes import TIMEFRAME_MS
from lib.units import PairName, Percent, Price, UnixMs
from lib.views.foresight import BARS, Timeframe, fetch_closed, fetch_forecast, read_chart
from lib.views.hearsay import listen
from lib.views.newsroom import NEWS_OF_MOODS, read_stories
from lib.views.whale_watch import fetch_alerts

CHAINS: Final = {"BTC": "bitcoin", "ETH": "ethereum", "USDT": "ethereum", "USDC": "ethereum"}
"""On which chain the large transfers of an asset are looked at."""

TERMS: Final[tuple[tuple[str, Timeframe], ...]] = (
    ("short_term", "1h"), ("medium_term", "4h"), ("long_term", "1d"),
)  # fmt: skip
"""Each term is 24 bars: a day, four days, and just over three weeks."""

BARS_AHEAD: Final = 24
NETFLOW_USD: Final = 100_000.0
PATIENCE_S: Final = 1.2
"""What news and chains may take; without them the rest is answered."""

UNTOLD: Final = "no free source tells it"


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


class OnChain(Struct, kw_only=True):
    """`exchange_netflow` is positive when large transfers of the last blocks brought more to known
    exchanges than they took away."""

    active_addresses: str | None
    transaction_volume: str | None
    exchange_netflow: str | None
    exchange_netflow_usd: float | None


class Fundamental(Struct, kw_only=True):
    """`dominance` is the share of the whole market's capitalisation."""

    market_cap_rank: int | None
    dominance: Percent | None
    on_chain_metrics: OnChain


class Mood(Struct, kw_only=True):
    """From the news that names the asset; scores from -1 to 1."""

    overall: Tone | None
    score: float | None
    social_volume: int | None
    news_sentiment: float | None
    sample_size: int


class Prospect(Struct, kw_only=True):
    """Directions, neutral unless the calibrated chance is clear of one half. `confidence` is the
    calibrated chance that the price moves to the likelier side in the short term."""

    short_term: Direction | None
    medium_term: Direction | None
    long_term: Direction | None
    confidence: float | None
    probability_up: dict[str, float | None]
    model: str | None


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
        _prospect(ctx, pair),
        _fundamental(ctx, pair.base),
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


async def _prospect(ctx: Context, pair: Pair) -> Prospect:
    found = await gather(*(_term(ctx, pair, term, timeframe) for term, timeframe in TERMS))
    said: dict[str, Forecast | None] = {
        term: one for (term, _), one in zip(TERMS, found, strict=True)
    }
    up = {term: one.probability_up if one else None for term, one in said.items()}
    short = up["short_term"]
    if short is None:
        ctx.lacks("analysis.prediction.confidence", "there is no short-term forecast")
    first = next((one for one in said.values() if one), None)
    return Prospect(
        **{term: one.direction if one else None for term, one in said.items()},
        confidence=max(short, 1 - short) if short is not None else None,
        probability_up=up,
        model=first.model if first else None,
    )


async def _term(ctx: Context, pair: Pair, term: str, timeframe: str) -> Forecast | None:
    try:
        candles = await fetch_closed(ctx, pair, timeframe)
        return await fetch_forecast(ctx, pair, timeframe, candles, BARS_AHEAD)
    except ApiError as error:
        failed = not isinstance(error, InsufficientData)
        ctx.lacks(f"analysis.prediction.{term}", error.message, failed=failed)
        ctx.lacks(f"analysis.prediction.probability_up.{term}", error.message)
        return None


async def _fundamental(ctx: Context, base: str) -> Fundamental:
    rank, share = "analysis.fundamental.market_cap_rank", "analysis.fundamental.dominance"
    listings, totals, flow = await gather(
        ctx.fetch_or_none(LISTINGS, ListQuery(2), rank),
        ctx.fetch_or_none(GLOBALS, Everything(), share),
        _netflow(ctx, base),
    )
    listed = _listed(listings, base)
    dominance = _dominance(listed[1] if listed else None, totals, base)
    if listed is None and listings:
        ctx.lacks(rank, "not among the first 500 by market cap")
    if dominance is None and share not in ctx.missing:
        ctx.lacks(share, "its market cap is not known")
    on_chain = "analysis.fundamental.on_chain_metrics"
    ctx.lacks(f"{on_chain}.active_addresses", UNTOLD)
    ctx.lacks(f"{on_chain}.transaction_volume", UNTOLD)
    word = None if flow is None else "positive" if flow > 0 else "negative" if flow < 0 else "zero"
    return Fundamental(
        market_cap_rank=listed[0] if listed else None,
        dominance=dominance,
        on_chain_metrics=OnChain(
            active_addresses=None,
            transaction_volume=None,
            exchange_netflow=word,
            exchange_netflow_usd=round(flow, 2) if flow is not None else None,
        ),
    )


def _listed(listings: Listings | None, base: str) -> tuple[int | None, float | None] | None:
    rows = [row for row in listings.rows if row.symbol.upper() == base] if listings else []
    best = min(rows, key=lambda row: row.rank or 10**9, default=None)
    return (best.rank, best.market_cap) if best else None


def _dominance(cap: float | None, totals: GlobalStats | None, base: str) -> float | None:
    if totals is None:
        return None
    stated = totals.dominance.get(base)
    if stated is not None or cap is None or not totals.total_market_cap > 0:
        return stated
    return round(100 * cap / totals.total_market_cap, 4)


async def _netflow(ctx: Context, base: str) -> float | None:
    """Dollars to exchanges minus dollars from them, in large transfers of the last blocks."""
    field = "analysis.fundamental.on_chain_metrics.exchange_netflow"
    chain = CHAINS.get(base)
    why, failed = f"large transfers of {base} are not watched", False
    if chain:
        try:
            async with asyncio.timeout(PATIENCE_S):
                alerts = await fetch_alerts(ctx, chain, NETFLOW_USD)
        except (ApiError, TimeoutError):
            why, failed = "the chain could not be read in time", True
        else:
            about = [alert for alert in alerts if alert.token in (base, f"W{base}")]
            into = [alert.usd for alert in about if alert.kind == "exchange_inflow"]
            out = [alert.usd for alert in about if alert.kind == "exchange_outflow"]
            if into or out:
                return sum(into) - sum(out)
            why = "no large transfer of the last blocks touched a known exchange"
    ctx.lacks(field, why, failed=failed)
    ctx.lacks(f"{field}_usd", why)
    return None


async def _mood(ctx: Context, base: str) -> Mood:
    ctx.lacks("analysis.sentiment.social_volume", UNTOLD)
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
