"""News as callers see it: which stories were asked for, and the row of one."""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field

from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Request
from lib.news import Tone
from lib.units import IsoTime
from lib.views.newsroom import Story

Category = Literal["all", "bitcoin", "ethereum", "defi", "nft"]

_COIN_OF = {"bitcoin": "BTC", "ethereum": "ETH"}


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class NewsRequest(Request):
    """Which news, and how many."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    category: Annotated[Category, BeforeValidator(_lower)] = "all"
    language: Annotated[
        str,
        BeforeValidator(_lower),
        Field(pattern="^(all|[a-z]{2})$", description="a language code such as en, or all"),
    ] = "en"
    sentiment: Annotated[Tone, BeforeValidator(_lower)] | None = None
    symbol: Annotated[str | None, Field(description="an asset or a pair, in any spelling")] = None
    source: Annotated[
        str | None, Field(max_length=60, description="an outlet's name, such as CoinDesk")
    ] = None


class Article(Struct):
    """One story. `sources` are all outlets that tell it, `source` the first of them; the score
    goes from -1 (bad news) to 1 (good news)."""

    id: str
    title: str
    url: str
    source: str
    sources: list[str]
    published_at: IsoTime
    sentiment: Tone | None
    sentiment_score: float | None
    summary: str
    description: str
    content: str
    image_url: str | None
    language: str
    tags: list[str]
    related_symbols: list[str]


def choose(request: NewsRequest, stories: Iterable[Story], ctx: Context) -> list[Story]:
    """The stories that were asked for, before the limit.

    Raises:
        InvalidParameter: `symbol` is no symbol.
    """
    base = ctx.read_symbol(request.symbol).pair.base if request.symbol else None
    source = _plain(request.source or "")
    return [
        story
        for story in stories
        if (base is None or base in story.symbols)
        and _is_about(story, request.category)
        and request.language in ("all", story.item.language)
        and request.sentiment in (None, story.tone)
        and (not source or any(_plain(name) == source for name in story.outlets))
    ]


def build_rows(stories: Iterable[Story], ctx: Context, *fields: str) -> list[Article]:
    """Rows of these stories; what they lack is noted for each of the reply's fields that hold
    them."""
    rows = [_row(story) for story in stories]
    for field in fields:
        if any(row.image_url is None for row in rows):
            ctx.lacks(f"{field}[].image_url", "the outlet sends no picture with it")
        if any(row.sentiment is None for row in rows):
            for name in ("sentiment", "sentiment_score"):
                ctx.lacks(f"{field}[].{name}", "only English is judged")
    return rows


def _row(story: Story) -> Article:
    item = story.item
    return Article(
        id=story.id,
        title=item.title,
        url=item.url,
        source=item.outlet,
        sources=list(story.outlets),
        published_at=iso_utc(item.published_ms),
        sentiment=story.tone,
        sentiment_score=story.score,
        summary=item.summary,
        description=item.summary,
        content=item.content,
        image_url=item.image_url,
        language=item.language,
        tags=list(story.tags),
        related_symbols=list(story.symbols),
    )


def _is_about(story: Story, category: Category) -> bool:
    if category == "all":
        return True
    coin = _COIN_OF.get(category)
    return coin in story.symbols if coin else category in story.topics


def _plain(name: str) -> str:
    """`The Block`, `theblock` and `rss_theblock` are one name."""
    letters = "".join(ch for ch in name.casefold() if ch.isalnum())
    return letters.removeprefix("rss")
