"""CryptoPanic's posts."""

import json

import httpx
import pytest
from hypothesis import given

from lib.errors import NoKey, SourceMalformed, SourceThrottled, SourceUnavailable
from lib.providers.cryptopanic import CryptoPanic, parse_posts
from lib.queries import Everything
from lib.wire.iso import parse_iso
from tests.conftest import Corpus
from tests.lib.providers.aggregator import (
    NOW_MS,
    damaged,
    provider,
    raises_only_source_errors,
)

IN_2018 = parse_iso("2018-01-18T12:00:00Z") or 0
POST = {"title": "A title", "url": "https://a.example/1", "published_at": "2025-11-24T15:00:00Z"}


def answer(*posts: dict[str, object]) -> bytes:
    """An answer with these posts."""
    return json.dumps({"results": posts}).encode()


def test_v2_is_read_with_its_own_link_picture_and_coins(corpus: Corpus) -> None:
    now_ms = parse_iso("2025-05-01T00:00:00Z") or 0

    (post,) = parse_posts(corpus.body("cryptopanic/rebuilt_posts_v2"), now_ms).items

    assert post.url == "https://cryptonews.com/news/bitcoin-returns-above-usd-20k"
    assert post.outlet == "CryptoNews"
    assert post.image_url == "https://static.cryptopanic.com/image.jpg"
    assert post.symbols == ("BTC", "ETH")
    assert post.summary == "Bitcoin price climbed above the USD 20,000 resistance."
    assert post.published_ms == parse_iso("2025-04-30T10:46:00Z")


def test_late_v1_is_read_without_coins_where_none_are_tagged(corpus: Corpus) -> None:
    now_ms = parse_iso("2024-03-02T00:00:00Z") or 0

    first, second = parse_posts(corpus.body("cryptopanic/rebuilt_posts_v1_late"), now_ms).items

    assert first.symbols == ("SOL",)
    assert second.symbols == ()


@pytest.mark.parametrize(("name", "rows"), [("generic", 40), ("NEO", 20)])
def test_trap_8_a_count_larger_than_the_rows_is_no_error(
    corpus: Corpus, name: str, rows: int
) -> None:
    recording = corpus.recording(f"cryptopanic/posts_v1_{name}_2018")["body"]

    found = parse_posts(corpus.body(f"cryptopanic/posts_v1_{name}_2018"), IN_2018)

    assert recording["count"] == 100
    assert len(found.items) == rows


def test_trap_8_currencies_may_be_missing(corpus: Corpus) -> None:
    recording = corpus.recording("cryptopanic/posts_v1_generic_2018")["body"]["results"]
    tagged = {row["url"]: row["currencies"] for row in recording if "currencies" in row}

    found = parse_posts(corpus.body("cryptopanic/posts_v1_generic_2018"), IN_2018)

    assert len(tagged) == 31
    for item in found.items:
        assert len(item.symbols) >= len(tagged.get(item.url, []))


def test_trap_8_markup_in_titles_is_cut_out(corpus: Corpus) -> None:
    found = parse_posts(corpus.body("cryptopanic/posts_v1_generic_2018"), IN_2018)

    titles = [item.title for item in found.items]
    assert "NEO ($NEO) price is up 20.99%" in titles
    assert not any("<" in title for title in titles)


def test_an_old_coins_code_is_its_present_one() -> None:
    body = answer(POST | {"instruments": [{"code": "matic"}, {"code": "<b>"}, {"code": None}]})

    assert parse_posts(body, NOW_MS).items[0].symbols == ("POL",)


@pytest.mark.parametrize(
    ("name", "error"), [("error_token", NoKey), ("error_429", SourceThrottled)]
)
@pytest.mark.anyio
async def test_a_recorded_error_has_its_word(
    corpus: Corpus, name: str, error: type[Exception]
) -> None:
    recording = corpus.recording(f"cryptopanic/{name}")
    source = provider(
        CryptoPanic, lambda _: httpx.Response(recording["status"], json=recording["body"]), key="k"
    )

    with pytest.raises(error):
        await source.news(Everything())


@pytest.mark.parametrize("name", ["error_token", "error_429"])
def test_an_error_that_comes_with_status_200_is_an_error(corpus: Corpus, name: str) -> None:
    with pytest.raises(SourceUnavailable):
        parse_posts(corpus.body(f"cryptopanic/{name}"), NOW_MS)


@pytest.mark.parametrize("body", [answer(), answer({}), b"[]", b"<html/>", b""])
def test_what_holds_no_article_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_posts(body, NOW_MS)


@given(damaged(answer(POST | {"instruments": [{"code": "BTC"}], "source": {"title": "T"}})))
def test_damage_is_news_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_posts(body, NOW_MS))


@pytest.mark.anyio
async def test_the_v2_route_is_asked_with_the_key() -> None:
    asked: list[httpx.URL] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=answer(POST))

    await provider(CryptoPanic, respond, key="secret").news(Everything())

    assert asked[0].path == "/api/developer/v2/posts/"
    assert asked[0].params["auth_token"] == "secret"


@pytest.mark.anyio
async def test_the_retired_routes_404_is_no_unknown_coin() -> None:
    source = provider(CryptoPanic, lambda _: httpx.Response(404), key="k")

    with pytest.raises(SourceUnavailable):
        await source.news(Everything())


def test_it_is_asked_only_with_a_key() -> None:
    assert CryptoPanic.needs_key
    assert CryptoPanic.key_variable == "CRYPTOPANIC_KEY"


def test_one_absurd_post_costs_only_itself() -> None:
    wrong = [POST | {"title": 7}, POST | {"instruments": "BTC"}]

    (post,) = parse_posts(answer(*wrong, POST), NOW_MS).items

    assert post.title == "A title"
