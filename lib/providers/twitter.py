"""X's recent posts, paid by the post. https://docs.x.com/x-api/posts/search/introduction"""

from collections.abc import Mapping

from msgspec import Struct, field

from lib.errors import NoKey, SourceMalformed
from lib.feeds import NEWS
from lib.news import News
from lib.providers.base import Limit, Provider, serves
from lib.queries import Everything
from lib.wire.iso import parse_iso
from lib.wire.typed import wire_decoder
from lib.wording.article import Draft, build_articles
from lib.wording.plain import shortened

_FEED = next(feed for feed in NEWS if feed.sources == ("twitter",))
_ACCOUNTS = ("WatcherGuru", "CoinDesk", "Cointelegraph", "whale_alert", "VitalikButerin", "saylor")
_LONGEST_TITLE = 140


class Twitter(Provider):
    """What a few well-known crypto accounts posted lately."""

    name = "twitter"
    base_url = "https://api.x.com"
    limits = (Limit(20, 900.0), Limit(3000, 30 * 86400.0))
    key_variable = "TWITTER_BEARER_TOKEN"
    needs_key = True
    largest_body = 1024 * 1024
    terms = "Paid by the post read."

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}

    @serves(_FEED)
    async def news(self, query: Everything) -> News:  # noqa: ARG002 - only one question
        """Their latest posts, without answers and repetitions."""
        accounts = " OR ".join(f"from:{name}" for name in _ACCOUNTS)
        payload = await self.get(
            "/2/tweets/search/recent",
            query=f"({accounts}) -is:retweet -is:reply",
            max_results=20,
            **{"tweet.fields": "created_at,lang"},
        )
        return await self.decode(parse_posts, payload, payload.time_ms)

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if status in (401, 402, 403):
            raise NoKey(f"twitter: {status}, the key or its plan is not accepted")
        super().refuse(status, headers, body)


def parse_posts(body: bytes, now_ms: int) -> News:
    """Read `/2/tweets/search/recent`.

    Raises:
        SourceMalformed: not one post.
    """
    document = _read(body)
    items = build_articles(map(_draft, document.data), now_ms)
    if not items:
        raise SourceMalformed("not one post")
    return News(items, items[0].published_ms)


class _Post(Struct):
    id: str
    text: str
    created_at: str | None = None
    lang: str | None = None


class _Posts(Struct):
    data: list[_Post] = field(default_factory=list)


_read = wire_decoder(_Posts)


def _draft(post: _Post) -> Draft:
    known = post.id.isascii() and post.id.isdigit()
    return Draft(
        title=shortened(post.text, _LONGEST_TITLE),
        url=f"https://x.com/i/status/{post.id}" if known else None,
        published_ms=parse_iso(post.created_at),
        outlet="X",
        summary=post.text,
        language=post.lang or "en",
    )
