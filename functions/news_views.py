"""GET /api/news, /api/news/headlines: the latest news in the shapes that front ends read."""

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Endpoint, Reply
from lib.feeds import NEWS
from lib.news import Tone
from lib.units import IsoTime
from lib.views.articles import Article, NewsRequest, build_rows, choose
from lib.views.newsroom import read_stories


class NewsListReply(Reply, kw_only=True):
    """Newest first; `news` holds the same rows as `articles`."""

    total: int
    articles: list[Article]
    news: list[Article]


class Headline(Struct):
    """One story in one line."""

    id: str
    title: str
    url: str
    source: str
    published_at: IsoTime
    sentiment: Tone | None
    image_url: str | None


async def news_list(request: NewsRequest, ctx: Context) -> NewsListReply:
    """Latest news, as `/api/news/latest`."""
    stories = choose(request, await read_stories(ctx), ctx)
    rows = build_rows(stories[: request.limit], ctx, "articles", "news")
    return NewsListReply(total=len(stories), articles=rows, news=rows)


async def news_headlines(request: NewsRequest, ctx: Context) -> list[Headline]:
    """Latest headlines as a bare array."""
    stories = choose(request, await read_stories(ctx), ctx)
    return [
        Headline(
            id=story.id,
            title=story.item.title,
            url=story.item.url,
            source=story.item.outlet,
            published_at=iso_utc(story.item.published_ms),
            sentiment=story.tone,
            image_url=story.item.image_url,
        )
        for story in stories[: request.limit]
    ]


endpoints = (
    Endpoint(
        method="GET",
        path="/api/news",
        request=NewsRequest,
        reply=NewsListReply,
        call=news_list,
        feeds=NEWS,
        tag="News",
    ),
    Endpoint(
        method="GET",
        path="/api/news/headlines",
        request=NewsRequest,
        reply=list[Headline],
        call=news_headlines,
        feeds=NEWS,
        tag="News",
    ),
)
handler = lambda_handler(*endpoints)
