"""From what a source sends to an article: cleaned, dated, checked, and read for coins and tone."""

from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from lib.news import NewsItem
from lib.units import UnixMs
from lib.wire.iso import parse_iso, read_seconds
from lib.wording.links import web_address
from lib.wording.plain import first_image, plain_text
from lib.wording.shipped import shipped_tagger
from lib.wording.tone import tone_score
from lib.wording.topics import find_topics

JUDGED: Final = "en"
"""The one language whose tone our list of words knows."""

LONGEST_TITLE: Final = 300
LONGEST_SUMMARY: Final = 400
LONGEST_CONTENT: Final = 1500
MOST: Final = 100

AHEAD_MS: Final = 3_600_000
"""A clock may be wrong by an hour; what is dated later than that is dated wrongly."""
OLDEST_MS: Final = 60 * 86_400_000
"""No news any more."""


class Draft(NamedTuple):
    """An article as a source sends it: markup, relative pictures and all."""

    title: str | None
    url: str | None
    published_ms: UnixMs | None
    outlet: str
    summary: str | None = None
    content: str | None = None
    images: tuple[str | None, ...] = ()
    language: str = "en"
    topics: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()


def build_articles(drafts: Iterable[Draft], now_ms: int) -> tuple[NewsItem, ...]:
    """The sound ones, newest first, each address once; at most a hundred.

    Left out: no title, no web address, no date, or one that cannot be.
    """
    made: dict[str, NewsItem] = {}
    for draft in drafts:
        item = build_article(draft, now_ms)
        if item:
            made.setdefault(item.url, item)
    rows = sorted(made.values(), key=lambda item: -item.published_ms)
    return tuple(rows[:MOST])


def build_article(draft: Draft, now_ms: int) -> NewsItem | None:
    """The article, if it is one."""
    title = plain_text(draft.title, LONGEST_TITLE)
    url = web_address(draft.url)
    at_ms = draft.published_ms
    if len(title) < 3 or url is None or at_ms is None:
        return None
    if not now_ms - OLDEST_MS <= at_ms <= now_ms + AHEAD_MS:
        return None
    content = plain_text(draft.content, LONGEST_CONTENT)
    summary = plain_text(draft.summary, LONGEST_SUMMARY) or plain_text(content, LONGEST_SUMMARY)
    pictures = (*draft.images, first_image(draft.content), first_image(draft.summary))
    text = f"{title}. {summary}"
    language = _language(draft.language)
    named = shipped_tagger().find(title, summary)
    return NewsItem(
        title=title,
        url=url,
        outlet=plain_text(draft.outlet, 80) or "unknown",
        published_ms=min(at_ms, now_ms),
        score=tone_score(text) if language == JUDGED else None,
        summary=summary,
        content=content or summary,
        image_url=next(filter(None, map(web_address, pictures)), None),
        language=language,
        topics=tuple(dict.fromkeys((*find_topics(text), *map(_topic, draft.topics[:5])))),
        symbols=tuple(dict.fromkeys((*draft.symbols, *named))),
    )


def read_date(text: str | None) -> UnixMs | None:
    """Unix milliseconds of a date as mail or ISO-8601 writes it; no zone means UTC."""
    text = (text or "").strip()[:80]
    if not text:
        return None
    iso = parse_iso(text)
    if iso is not None or (not text[:1].isalpha() and "-" in text[:8]):
        return iso
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return read_seconds(aware.timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _language(text: str) -> str:
    code = text.strip().lower()[:2]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else "en"


def _topic(text: str) -> str:
    return plain_text(text, 40).lower()
