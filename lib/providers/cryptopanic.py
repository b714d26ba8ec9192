"""CryptoPanic's posts, for those who pay for a key. https://cryptopanic.com/developers/api/"""

from collections.abc import Mapping

from msgspec import Raw, Struct

from lib.errors import NoKey, SourceMalformed, SourceUnavailable
from lib.feeds import NEWS
from lib.news import News
from lib.providers.base import MINUTE, Limit, Provider, serves
from lib.queries import Everything
from lib.symbols import RENAMES
from lib.wire.iso import parse_iso
from lib.wire.typed import read_rows, wire_decoder
from lib.wording.article import Draft, build_articles

_FEED = next(feed for feed in NEWS if feed.sources == ("cryptopanic",))


class CryptoPanic(Provider):
    """Posts of many outlets with the coins they are about. The free and `/v1` routes are gone."""

    name = "cryptopanic"
    base_url = "https://cryptopanic.com"
    limits = (Limit(5, MINUTE), Limit(3000, 30 * 86400.0))
    key_variable = "CRYPTOPANIC_KEY"
    needs_key = True
    largest_body = 5 * 1024 * 1024
    attribution = "News by CryptoPanic (https://cryptopanic.com)"

    @serves(_FEED)
    async def news(self, query: Everything) -> News:  # noqa: ARG002 - only one question
        """The latest posts of kind news."""
        payload = await self.get(
            "/api/developer/v2/posts/", auth_token=self._key, public="true", kind="news"
        )
        return await self.decode(parse_posts, payload, payload.time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if status in (401, 403):
            raise NoKey(f"cryptopanic: {status}, the key is not accepted")
        if status == 404:
            raise SourceUnavailable("cryptopanic: 404")
        super().refuse(status, headers, body)


def parse_posts(body: bytes, now_ms: int) -> News:
    """Read `/api/developer/v2/posts/` and the older `/v1` shape (`currencies`, no `original_url`).

    `count` may be more than there are; coins may be absent; titles may hold markup.

    Raises:
        SourceMalformed: not one post that is an article.
    """
    document = _read(body)
    if document.status == "api_error" or bytes(document.results) == b"null":
        raise SourceUnavailable("cryptopanic: it reports an error")
    items = build_articles(map(_draft, read_rows(document.results, _read_post)), now_ms)
    if not items:
        raise SourceMalformed("not one post that is an article")
    return News(items, items[0].published_ms)


class _Source(Struct):
    title: str | None = None
    region: str | None = None
    domain: str | None = None


class _Coin(Struct):
    code: str | None = None


class _Post(Struct):
    title: str | None = None
    published_at: str | None = None
    url: str | None = None
    original_url: str | None = None
    description: str | None = None
    image: str | None = None
    domain: str | None = None
    source: _Source | None = None
    currencies: list[_Coin] | None = None
    instruments: list[_Coin] | None = None


class _Posts(Struct):
    results: Raw = Raw(b"null")
    status: str | None = None


_read = wire_decoder(_Posts)
_read_post = wire_decoder(_Post)


def _draft(post: _Post) -> Draft:
    source = post.source or _Source()
    codes = (coin.code or "" for coin in post.instruments or post.currencies or ())
    return Draft(
        title=post.title,
        url=post.original_url or post.url,
        published_ms=parse_iso(post.published_at),
        outlet=source.title or source.domain or post.domain or "CryptoPanic",
        summary=post.description,
        images=(post.image,),
        language=source.region or "en",
        symbols=tuple(_symbol(code) for code in codes if code.isascii() and code.isalnum())[:12],
    )


def _symbol(code: str) -> str:
    upper = code.upper()[:20]
    return RENAMES[upper].now if upper in RENAMES else upper
