"""X's recent posts, by what its public documentation says."""

import json

import httpx
import pytest
from hypothesis import given

from lib.errors import NoKey, SourceError, SourceMalformed, SourceThrottled
from lib.providers.twitter import Twitter, parse_posts
from lib.queries import Everything
from tests.lib.providers.aggregator import NOW_MS, damaged, provider, raises_only_source_errors

POST = {
    "id": "1900000000000000001",
    "text": "JUST IN: $BTC rallies above $100,000 &amp; sets a record",
    "created_at": "2025-11-24T15:00:00.000Z",
    "lang": "en",
}


def answer(*posts: dict[str, object]) -> bytes:
    """An answer with these posts."""
    return json.dumps({"data": posts, "meta": {"result_count": len(posts)}}).encode()


def test_a_post_is_read() -> None:
    (post,) = parse_posts(answer(POST), NOW_MS).items

    assert post.title == "JUST IN: $BTC rallies above $100,000 & sets a record"
    assert post.url == "https://x.com/i/status/1900000000000000001"
    assert (post.outlet, post.symbols) == ("X", ("BTC",))


def test_a_long_post_is_shortened_to_a_title() -> None:
    (post,) = parse_posts(answer(POST | {"text": "word " * 60}), NOW_MS).items

    assert len(post.title) <= 140
    assert post.title.endswith("\u2026")


@pytest.mark.parametrize(
    "body", [answer(), answer(POST | {"id": "1/../2"}), b'{"meta":{"result_count":0}}', b"[]", b""]
)
def test_what_holds_no_post_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_posts(body, NOW_MS)


@given(damaged(answer(POST)))
def test_damage_is_news_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_posts(body, NOW_MS))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "error"), [(401, NoKey), (402, NoKey), (403, NoKey), (429, SourceThrottled)]
)
async def test_a_status_has_its_word(status: int, error: type[SourceError]) -> None:
    source = provider(Twitter, lambda _: httpx.Response(status), key="k")

    with pytest.raises(error):
        await source.news(Everything())


@pytest.mark.anyio
async def test_the_key_is_a_bearer_token() -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=answer(POST))

    await provider(Twitter, respond, key="secret").news(Everything())

    assert asked[0].headers["authorization"] == "Bearer secret"
    assert asked[0].url.path == "/2/tweets/search/recent"
