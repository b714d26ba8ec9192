"""The news of all outlets as one list: whom we ask, how long we wait for each, one story once."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from statistics import fmean
from typing import Final

from msgspec import Struct

from lib.context import Context
from lib.errors import ApiError, UpstreamUnavailable
from lib.feeds import NEWS, Feed
from lib.news import News, NewsItem, Tone
from lib.queries import Everything
from lib.units import UnixMs
from lib.wording.links import same_page
from lib.wording.shipped import shipped_tagger
from lib.wording.stories import cluster
from lib.wording.tone import tone_of

NewsFeed = Feed[Everything, News]

NEWS_OF_MOODS: Final = tuple(replace(feed, fresh_s=600) for feed in NEWS)
"""The same values where a sentiment is made of them: that of ten minutes ago will do."""

PATIENCE_S: Final = 0.4
"""How long those still missing are waited for once half of the outlets have answered."""
BUDGET_S: Final = 2.2
"""How long anybody is waited for."""
LATE: Final = "no answer yet"
MOST_TAGS: Final = 10


class Story(Struct, frozen=True):
    """One story, told by whoever had it first; `outlets` are all that tell it.

    `id` depends on the address alone: it stays as long as that article leads. `score` and `tone`
    are `None` if no outlet tells it in a language that we can judge.
    """

    id: str
    item: NewsItem
    outlets: tuple[str, ...]
    symbols: tuple[str, ...]
    topics: tuple[str, ...]
    tags: tuple[str, ...]
    score: float | None
    tone: Tone | None


async def read_stories(ctx: Context, feeds: Iterable[NewsFeed] = NEWS) -> list[Story]:
    """Every outlet's stories, newest first. Outlets that need a key are asked if it is set.

    Each outlet fails on its own, with its reason in `meta.missing`. Who has not answered in time
    is left out; the answer still arrives and is part of the next reply. Half a dozen outlets of
    nine are news: that one is down for longer makes a reply degraded, but no less fresh.

    Args:
        feeds: the outlets' feeds, perhaps of another freshness.

    Raises:
        UpstreamUnavailable: no outlet answers and nothing of any is kept.
    """
    asked = [feed for feed in feeds if ctx.can_ask(feed)]
    tasks = {asyncio.create_task(_ask(ctx, feed)): feed for feed in asked}
    try:
        await _wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
    found: list[NewsItem] = []
    reasons: dict[str, str] = {}
    for task, feed in tasks.items():
        reply = task.result() if task.done() else LATE
        if isinstance(reply, News):
            found.extend(reply.items)
        else:
            reasons[feed.sources[0]] = reply
    if not found:
        raise UpstreamUnavailable("No outlet answers and nothing was kept", {"sources": reasons})
    for source, reason in reasons.items():
        ctx.lacks(f"news[{source}]", reason, failed=True, soon=reason == LATE)
    return await asyncio.to_thread(build_stories, found)


async def _ask(ctx: Context, feed: NewsFeed) -> News | str:
    """An outlet's news, or why there is none."""
    try:
        return await ctx.fetch(feed, Everything())
    except ApiError as error:
        reasons: dict[str, str] = error.details.get("sources", {})
        return reasons.get(feed.sources[0], error.message)


async def _wait(tasks: Iterable["asyncio.Task[News | str]"]) -> None:
    """Until all have answered, or the patience with the last half of them is at its end."""
    loop = asyncio.get_running_loop()
    waiting = set(tasks)
    many, good = len(waiting), False
    until = loop.time() + BUDGET_S
    hurried = False
    while waiting and (left := until - loop.time()) > 0:
        done, waiting = await asyncio.wait(
            waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        good = good or any(isinstance(task.result(), News) for task in done)
        if good and not hurried and len(waiting) <= many / 2:
            hurried = True
            until = min(until, loop.time() + PATIENCE_S)


def build_stories(items: Iterable[NewsItem]) -> list[Story]:
    """Articles of all outlets as stories, newest first."""
    return [_story(members) for members in cluster(list(items))]


def _story(members: list[NewsItem]) -> Story:
    lead = members[0]
    symbols = tuple(dict.fromkeys(s for item in members for s in item.symbols))
    topics = tuple(dict.fromkeys(t for item in members for t in item.topics))
    names = shipped_tagger().names
    coins = (names[symbol].lower() for symbol in symbols[:5] if symbol in names)
    scores = [item.score for item in members if item.score is not None]
    score = round(fmean(scores), 4) if scores else None
    if lead.image_url is None or not lead.summary:
        lead = _completed(lead, members)
    return Story(
        id=f"news_{blake2b(same_page(lead.url).encode(), digest_size=8).hexdigest()}",
        item=lead,
        outlets=tuple(dict.fromkeys(item.outlet for item in members)),
        symbols=symbols,
        topics=topics,
        tags=tuple(dict.fromkeys((*coins, *topics)))[:MOST_TAGS],
        score=score,
        tone=None if score is None else tone_of(score),
    )


def _completed(lead: NewsItem, members: list[NewsItem]) -> NewsItem:
    """What the first outlet left out, as another tells it."""
    pictured = next((item.image_url for item in members if item.image_url), None)
    told = next((item for item in members if item.summary), lead)
    return NewsItem(
        title=lead.title,
        url=lead.url,
        outlet=lead.outlet,
        published_ms=lead.published_ms,
        score=lead.score,
        summary=told.summary,
        content=lead.content or told.content,
        image_url=lead.image_url or pictured,
        language=lead.language,
        topics=lead.topics,
        symbols=lead.symbols,
    )


def newest_ms(stories: Iterable[Story]) -> UnixMs:
    """When the newest of them was published; 0 if there is none."""
    return max((story.item.published_ms for story in stories), default=0)
