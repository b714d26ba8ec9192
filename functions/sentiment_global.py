"""GET /api/sentiment/global, /api/sentiment: fear and greed of the whole market."""

from typing import Annotated, Literal

from msgspec import Struct
from pydantic import BeforeValidator

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import UpstreamUnavailable
from lib.feeds import CANDLES, GLOBALS, MOODS
from lib.market import Pair
from lib.moods import mood_word
from lib.news import Mood, MoodHistory
from lib.queries import CandleQuery, Everything
from lib.timeframes import DAY_MS
from lib.units import IsoTime, UnixMs
from lib.views.newsroom import NEWS_OF_MOODS, Story, read_stories
from lib.views.own_index import BARS, Components, build_components

FRESH_S = 600.0
BITCOIN = CandleQuery(Pair("BTC", "USDT"), "1d", BARS)
DAYS = {"1D": 1, "7D": 7, "30D": 30}
UNTOLD = "no free source tells it"


class MoodRequest(Request):
    """How far back the history goes."""

    timeframe: Annotated[
        Literal["1D", "7D", "30D"],
        BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    ] = "1D"


class MoodParts(Struct):
    """From 0 (fear) to 100 (greed), computed by us; `null` is what nobody tells for free."""

    volatility: float | None
    market_momentum: float | None
    social_media: None
    surveys: None
    dominance: float | None
    trends: None
    news: float | None


class MoodPoint(Struct):
    """The index on one day."""

    timestamp: UnixMs
    sentiment: int
    volume: None


class MoodReply(Reply, kw_only=True):
    """The index under the names of the spec and those that front ends read.

    `confidence` is how well the published index and our own agree: 1 minus their distance in
    hundredths. `index_source` is who computed the index; `own` is ours, from `components`.
    """

    timestamp: UnixMs
    fearGreedIndex: int  # noqa: N815 - the spec's name
    fear_greed_index: int
    value: int
    sentiment: str
    market_mood: str
    value_classification: str
    components: MoodParts
    description: str
    confidence: float | None
    history: list[MoodPoint]
    index_source: str
    last_updated: IsoTime


async def sentiment_global(request: MoodRequest, ctx: Context) -> MoodReply:
    """Global crypto market sentiment: a published fear and greed index, else our own.

    Volatility and momentum come from bitcoin's daily bars, dominance from the market totals, news
    from the tone of the last day's stories; their methods are described in the documentation.
    """
    moods, bars, totals, stories = await gather(
        ctx.fetch_or_none(MOODS, Everything(), "history"),
        ctx.fetch_or_none(CANDLES, BITCOIN, "components.volatility", fresh_s=FRESH_S),
        ctx.fetch_or_none(GLOBALS, Everything(), "components.dominance", fresh_s=FRESH_S),
        _stories(ctx),
    )
    share = totals.dominance.get("BTC") if totals else None
    own = build_components(bars.bars if bars else (), share, stories)
    _say_missing(ctx, own)
    now, source = _index(ctx, moods, own)
    points = _points(moods, now, DAYS[request.timeframe]) if moods else []
    word = now.word.lower()
    return MoodReply(
        timestamp=now.time_ms,
        fearGreedIndex=now.value,
        fear_greed_index=now.value,
        value=now.value,
        sentiment=word.replace(" ", "_"),
        market_mood=word.replace(" ", "_"),
        value_classification=now.word,
        components=MoodParts(
            volatility=own.volatility,
            market_momentum=own.market_momentum,
            social_media=None,
            surveys=None,
            dominance=own.dominance,
            trends=None,
            news=own.news,
        ),
        description=_description(word),
        confidence=_confidence(ctx, now.value, own) if moods else None,
        history=points,
        index_source=source,
        last_updated=iso_utc(now.time_ms),
    )


async def sentiment(request: MoodRequest, ctx: Context) -> MoodReply:
    """Global crypto market sentiment, as `/api/sentiment/global`."""
    return await sentiment_global(request, ctx)


async def _stories(ctx: Context) -> list[Story]:
    try:
        return await read_stories(ctx, NEWS_OF_MOODS)
    except UpstreamUnavailable:
        ctx.lacks("components.news", "no outlet answers", failed=True)
        return []


def _index(ctx: Context, moods: MoodHistory | None, own: Components) -> tuple[Mood, str]:
    """The published index, else our own.

    Raises:
        UpstreamUnavailable: neither can be had.
    """
    if moods:
        return moods.now, ctx.source_of(MOODS)
    if own.index is None:
        raise UpstreamUnavailable(
            "No source of the index answers, and there are no bars to compute our own from",
            {"sources": dict(ctx.missing)},
        )
    ctx.lacks("confidence", "there is no second index to compare ours with")
    return Mood(own.index, ctx.as_of_ms(CANDLES), mood_word(own.index)), "own"


def _confidence(ctx: Context, value: int, own: Components) -> float | None:
    if own.index is None:
        ctx.lacks("confidence", "our own index cannot be computed for comparison")
        return None
    return round(1 - abs(value - own.index) / 100, 2)


def _points(moods: MoodHistory, now: Mood, days: int) -> list[MoodPoint]:
    """The asked days, the present one included, oldest first."""
    today = now.time_ms // DAY_MS
    past = [m for m in moods.days if today - days < m.time_ms // DAY_MS < today]
    return [MoodPoint(m.time_ms, m.value, None) for m in (*past, now)]


def _say_missing(ctx: Context, own: Components) -> None:
    for field in ("social_media", "surveys", "trends"):
        ctx.lacks(f"components.{field}", UNTOLD)
    if "components.volatility" in ctx.missing:
        ctx.lacks("components.market_momentum", ctx.missing["components.volatility"])
    for field in ("volatility", "market_momentum", "dominance", "news"):
        path = f"components.{field}"
        if getattr(own, field) is None and path not in ctx.missing:
            ctx.lacks(path, "too little is known to compute it")
    ctx.lacks("history[].volume", "no free source keeps the whole market's daily volume")


def _description(word: str) -> str:
    return "Market is neutral" if word == "neutral" else f"Market is showing signs of {word}"


endpoints = tuple(
    Endpoint(
        method="GET",
        path=path,
        request=MoodRequest,
        reply=MoodReply,
        call=call,
        feeds=(*NEWS_OF_MOODS, GLOBALS, CANDLES, MOODS),
        tag="Sentiment",
    )
    for path, call in (
        ("/api/sentiment/global", sentiment_global),
        ("/api/sentiment", sentiment),
    )
)
handler = lambda_handler(*endpoints)
