"""GET /api/sentiment/symbol/{symbol}, /api/sentiment/asset/{symbol}: what the news says of one."""

from collections import Counter
from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import NEWS, TICKERS
from lib.news import Tone
from lib.queries import PairQuery
from lib.symbols import Spoken
from lib.units import AssetName, UnixMs
from lib.views.hearsay import Hearsay, listen
from lib.views.newsroom import NEWS_OF_MOODS, Story, newest_ms, read_stories

X = "X"
UNTOLD = "no free source tells it"


class SymbolMoodRequest(Request):
    """Which asset."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]


class SymbolMoodReply(Reply, kw_only=True):
    """Scores go from -1 to 1; `null` is unknown, with its reason in `meta.missing`.

    `sentiment_score` weighs a story half as much for each day of its age, `news_sentiment` is the
    plain mean, `sample_size` how many stories both rest on.
    """

    symbol: AssetName
    sentiment_score: float | None
    sentiment: Tone | None
    social_volume: int | None
    social_dominance: float | None
    news_sentiment: float | None
    twitter_sentiment: float | None
    reddit_sentiment: float | None
    sample_size: int
    news_count: int
    positive: int
    negative: int
    neutral: int
    timestamp: UnixMs


class AssetMoodReply(Reply, kw_only=True):
    """`confidence` is the share of the news (by weight) whose tone is `sentiment`; `sources` are
    the outlets."""

    symbol: AssetName
    sentiment: Tone | None
    score: float | None
    confidence: float | None
    sources: list[str]
    sample_size: int
    timestamp: UnixMs


async def sentiment_symbol(request: SymbolMoodRequest, ctx: Context) -> SymbolMoodReply:
    """Sentiment of one asset, from the stories that name it."""
    spoken, stories, heard = await _listen(request, ctx)
    about = heard.stories if heard else ()
    tones = Counter(story.tone for story in about)
    posts = [story.score for story in about if X in story.outlets and story.score is not None]
    for field in ("social_volume", "social_dominance", "reddit_sentiment"):
        ctx.lacks(field, UNTOLD)
    if not posts:
        keyed = any(ctx.can_ask(feed) for feed in NEWS if feed.sources == ("twitter",))
        ctx.lacks("twitter_sentiment", "no post names it" if keyed else "needs a key of X")
    if heard is None:
        _say_silent(ctx, len(stories), "sentiment_score", "sentiment", "news_sentiment")
    return SymbolMoodReply(
        symbol=spoken.echo,
        sentiment_score=heard.score if heard else None,
        sentiment=heard.tone if heard else None,
        social_volume=None,
        social_dominance=None,
        news_sentiment=heard.mean if heard else None,
        twitter_sentiment=round(sum(posts) / len(posts), 4) if posts else None,
        reddit_sentiment=None,
        sample_size=len(about),
        news_count=len(about),
        positive=tones["positive"],
        negative=tones["negative"],
        neutral=tones["neutral"],
        timestamp=newest_ms(stories),
    )


async def sentiment_asset(request: SymbolMoodRequest, ctx: Context) -> AssetMoodReply:
    """Sentiment of one asset in short."""
    spoken, stories, heard = await _listen(request, ctx)
    if heard is None:
        _say_silent(ctx, len(stories), "score", "sentiment", "confidence")
    return AssetMoodReply(
        symbol=spoken.echo,
        sentiment=heard.tone if heard else None,
        score=heard.score if heard else None,
        confidence=heard.agreement if heard else None,
        sources=sorted({name for s in heard.stories for name in s.outlets}) if heard else [],
        sample_size=len(heard.stories) if heard else 0,
        timestamp=newest_ms(stories),
    )


async def _listen(
    request: SymbolMoodRequest, ctx: Context
) -> tuple[Spoken, list[Story], Hearsay | None]:
    spoken = ctx.read_symbol(request.symbol)
    base = spoken.pair.base
    if ctx.assets.of(base) is None:  # neither listed nor shipped: perhaps some venue trades it
        await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=spoken.echo, fresh_s=300)
    stories = await read_stories(ctx, NEWS_OF_MOODS)
    return spoken, stories, listen(stories, base)


def _say_silent(ctx: Context, count: int, *fields: str) -> None:
    for field in fields:
        ctx.lacks(field, f"none of the {count} latest stories names it")


endpoints = (
    Endpoint(
        method="GET",
        path="/api/sentiment/symbol/{symbol:path}",
        request=SymbolMoodRequest,
        reply=SymbolMoodReply,
        call=sentiment_symbol,
        feeds=(TICKERS, *NEWS_OF_MOODS),
        tag="Sentiment",
    ),
    Endpoint(
        method="GET",
        path="/api/sentiment/asset/{symbol:path}",
        request=SymbolMoodRequest,
        reply=AssetMoodReply,
        call=sentiment_asset,
        feeds=(TICKERS, *NEWS_OF_MOODS),
        tag="Sentiment",
    ),
)
handler = lambda_handler(*endpoints)
