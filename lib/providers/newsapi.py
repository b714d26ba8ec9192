"""NewsAPI, for those with a paid key: a free one is for development and a day late.
https://newsapi.org/docs/endpoints/everything"""

from collections.abc import Mapping
from contextlib import suppress

from msgspec import Raw, Struct

from lib.errors import NoKey, SourceMalformed, SourceThrottled, SourceUnavailable
from lib.feeds import NEWS
from lib.news import News
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.iso import parse_iso
from lib.wire.typed import read_rows, wire_decoder
from lib.wording.article import Draft, build_articles

_FEED = next(feed for feed in NEWS if feed.sources == ("newsapi",))
_KEY_CODES = frozenset({"apiKeyInvalid", "apiKeyMissing", "apiKeyDisabled"})
_PAUSE_S = 3600.0


class NewsApi(Provider):
    """The general press on crypto."""

    name = "newsapi"
    base_url = "https://newsapi.org"
    limits = (Limit(100, 86400.0),)
    key_variable = "NEWSAPI_KEY"
    needs_key = True
    largest_body = 5 * 1024 * 1024
    attribution = "Powered by NewsAPI.org"
    terms = "A free key is for development only."

    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": self._key} if self._key else {}

    @serves(_FEED)
    async def news(self, query: Everything) -> News:  # noqa: ARG002 - only one question
        """The newest hundred articles in English that name crypto in their title."""
        payload = await self.get(
            "/v2/everything",
            q="bitcoin OR ethereum OR crypto OR cryptocurrency",
            searchIn="title",
            language="en",
            sortBy="publishedAt",
            pageSize=100,
        )
        return await self.decode(parse_everything, payload, payload.time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        with suppress(SourceMalformed):
            _check(_read(body))
        if status in (401, 403):
            raise NoKey(f"newsapi: {status}, the key is not accepted")
        super().refuse(status, headers, body)


def parse_everything(body: bytes, now_ms: int) -> News:
    """Read `/v2/everything`. Articles that were taken back stay as `[Removed]`: left out.

    Raises:
        SourceMalformed: not one article.
    """
    document = _read(body)
    _check(document)
    rows: list[_Article] = read_rows(document.articles, _read_article)
    items = build_articles((_draft(row) for row in rows if row.title != "[Removed]"), now_ms)
    if not items:
        raise SourceMalformed("not one article")
    return News(items, items[0].published_ms)


class _Source(Struct):
    name: str | None = None


class _Article(Struct):
    title: str | None = None
    url: str | None = None
    description: str | None = None
    content: str | None = None
    publishedAt: str | None = None  # noqa: N815 - as on the wire
    urlToImage: str | None = None  # noqa: N815
    source: _Source | None = None


class _Document(Struct):
    status: str | None = None
    code: str | None = None
    articles: Raw = Raw(b"null")


_read = wire_decoder(_Document)
_read_article = wire_decoder(_Article)


def _check(document: _Document) -> None:
    if document.status != "error":
        return
    if document.code in _KEY_CODES:
        raise NoKey(f"newsapi: {document.code}")
    if document.code in ("rateLimited", "apiKeyExhausted"):
        raise SourceThrottled("newsapi: rateLimited", _PAUSE_S)
    raise SourceUnavailable("newsapi: it reports an error")


def _draft(row: _Article) -> Draft:
    # `content` breaks off in the middle of a sentence: "… [+2637 chars]"
    content, _, _ = (row.content or "").partition("[+")
    return Draft(
        title=row.title,
        url=row.url,
        published_ms=parse_iso(row.publishedAt),
        outlet=(row.source.name if row.source else None) or "NewsAPI",
        summary=row.description,
        content=content,
        images=(row.urlToImage,),
    )
