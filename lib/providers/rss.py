"""Crypto news outlets by their own RSS feeds, one row each. https://www.rssboard.org/rss-specification

What a feed says is text for readers: it is cleaned, bounded, and its links are checked.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from lib.errors import SourceError, SourceMalformed, SourceUnavailable
from lib.feeds import NEWS
from lib.news import News
from lib.providers.base import MINUTE, Limit, Payload, Provider, Served
from lib.queries import Everything
from lib.wire.feed_xml import Entry, read_feed
from lib.wording.article import Draft, build_articles, read_date

_FEEDS = {feed.sources[0]: feed for feed in NEWS}
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"
_SITE = re.compile(r"^(?:www\.)?")


class Rss(Provider):
    """One outlet. The rows below say where its feed is and what it calls itself."""

    title: ClassVar[str]
    path: ClassVar[str]
    parameters: ClassVar[Mapping[str, str]] = {}
    limits = (Limit(6, MINUTE),)
    terms = "Headlines and summaries, each with a link to its outlet."
    largest_body = 5 * 1024 * 1024  # the largest real feeds, full texts included, have about one

    @classmethod
    def served(cls) -> dict[str, Served]:
        feed = _FEEDS[cls.name]
        return {feed.name: Served(feed, "news", 1, bulk=False)}

    def headers(self) -> dict[str, str]:
        return {"Accept": _ACCEPT}

    async def news(self, query: Everything) -> News:  # noqa: ARG002 - only one question
        """Its latest articles, newest first; a move to another path of its site is followed."""
        try:
            payload = await self.get(self.path, **self.parameters)
        except _Moved as moved:
            payload = await self.get(moved.target)
        return await asyncio.to_thread(parse_feed, payload.body, payload.time_ms, self.title)

    async def get(self, path: str, **params: str | int | None) -> Payload:
        try:
            return await super().get(path, **params)
        except _Moved as moved:
            if moved.target == path:
                raise SourceUnavailable(f"{self.name}: moves in a circle") from None
            raise

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if status in (301, 302, 303, 307, 308):
            raise _Moved(self._inside(headers.get("location", "")))
        if status in (404, 410):  # nobody asked for a coin: the feed itself is gone
            raise SourceUnavailable(f"{self.name}: {status}")
        super().refuse(status, headers, body)

    def _inside(self, location: str) -> str:
        """The path that a move leads to, within the same site only."""
        here, there = urlsplit(self._base), urlsplit(location)
        same = _bare(there.netloc) in ("", _bare(here.netloc))
        if not same or there.scheme not in ("", "http", "https") or not there.path.startswith("/"):
            raise SourceUnavailable(f"{self.name}: moved to another site")
        return f"{there.path}?{there.query}" if there.query else there.path


class _Moved(SourceError):
    def __init__(self, target: str) -> None:
        super().__init__("moved")
        self.target = target


def parse_feed(body: bytes, now_ms: int, title: str) -> News:
    """Read a feed of any kind; entries without title, link or a possible date are left out.

    An aggregator's entries name their own outlet and repeat it behind their title.

    Raises:
        SourceMalformed: no feed, or one without a single sound article.
    """
    feed = read_feed(body)
    drafts = [_draft(entry, title, feed.language) for entry in feed.entries]
    items = build_articles(drafts, now_ms)
    if not items:
        raise SourceMalformed("a feed without one sound article")
    return News(items, items[0].published_ms)


def _draft(entry: Entry, title: str, language: str) -> Draft:
    outlet = entry.first("source") or title
    headline = entry.first("title").strip()
    if entry.first("source"):
        headline = headline.removesuffix(f" - {outlet}")
    permanent = entry.first("permalink") != "false"
    guid = entry.first("guid", "id") if permanent else ""
    return Draft(
        title=headline,
        url=entry.first("link", "atom:link") or entry.link or guid,
        published_ms=read_date(
            entry.first("pubdate", "published", "dc:date", "atom:published", "updated")
        ),
        outlet=outlet,
        summary=entry.first("description", "summary", "atom:summary"),
        content=entry.first("content:encoded", "content", "atom:content"),
        images=tuple(entry.images[:5]),
        language=language,
        topics=tuple(entry.categories[:8]),
    )


def _bare(netloc: str) -> str:
    return _SITE.sub("", netloc.lower())


class CoinDesk(Rss):
    name, title = "rss_coindesk", "CoinDesk"
    base_url, path = "https://www.coindesk.com", "/arc/outboundfeeds/rss/"


class Cointelegraph(Rss):
    name, title = "rss_cointelegraph", "Cointelegraph"
    base_url, path = "https://cointelegraph.com", "/rss"


class TheBlock(Rss):
    name, title = "rss_theblock", "The Block"
    base_url, path = "https://www.theblock.co", "/rss.xml"


class Decrypt(Rss):
    name, title = "rss_decrypt", "Decrypt"
    base_url, path = "https://decrypt.co", "/feed"


class BitcoinMagazine(Rss):
    name, title = "rss_bitcoinmagazine", "Bitcoin Magazine"
    base_url, path = "https://bitcoinmagazine.com", "/feed"


class TheDefiant(Rss):
    name, title = "rss_thedefiant", "The Defiant"
    base_url, path = "https://thedefiant.io", "/api/feed"


class CryptoSlate(Rss):
    name, title = "rss_cryptoslate", "CryptoSlate"
    base_url, path = "https://cryptoslate.com", "/feed/"


class Unchained(Rss):
    name, title = "rss_unchained", "Unchained"
    base_url, path = "https://unchainedcrypto.com", "/feed/"


class GoogleNews(Rss):
    """Outlets that answer no cloud (Blockworks, DL News), as Google News lists them."""

    name, title = "rss_googlenews", "Google News"
    base_url, path = "https://news.google.com", "/rss/search"
    parameters: ClassVar[Mapping[str, str]] = {
        "q": "(site:blockworks.co OR site:dlnews.com) when:1d",
        "hl": "en-US",
        "gl": "US",
        "ceid": "US:en",
    }
