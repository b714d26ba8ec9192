"""GET /api/news/latest: what crypto outlets report, each story once."""

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply
from lib.feeds import NEWS
from lib.views.articles import Article, NewsRequest, build_rows, choose
from lib.views.newsroom import read_stories


class NewsReply(Reply, kw_only=True):
    """Newest first. `total` counts the matches before the limit; `articles` holds the same rows as
    `news`."""

    total: int
    news: list[Article]
    articles: list[Article]


async def news_latest(request: NewsRequest, ctx: Context) -> NewsReply:
    """Latest news of all outlets, merged: one story once, with every outlet that tells it.

    `related_symbols` are the assets that title or summary name; an outlet that does not answer is
    named in `meta.missing`.
    """
    stories = choose(request, await read_stories(ctx), ctx)
    rows = build_rows(stories[: request.limit], ctx, "news", "articles")
    return NewsReply(total=len(stories), news=rows, articles=rows)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/news/latest",
        request=NewsRequest,
        reply=NewsReply,
        call=news_latest,
        feeds=NEWS,
        tag="News",
    ),
)
handler = lambda_handler(*endpoints)
