"""NewsAPI's articles."""

import json

import httpx
import pytest
from hypothesis import given

from lib.errors import NoKey, SourceError, SourceMalformed, SourceThrottled, SourceUnavailable
from lib.providers.newsapi import NewsApi, parse_everything
from lib.queries import Everything
from lib.wire.iso import parse_iso
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS, damaged, provider, raises_only_source_errors

ARTICLE = {
    "title": "A title",
    "url": "https://a.example/1",
    "publishedAt": "2025-11-24T15:00:00Z",
    "source": {"id": None, "name": "An outlet"},
}


def answer(*articles: dict[str, object]) -> bytes:
    """An answer with these articles."""
    return json.dumps({"status": "ok", "articles": articles}).encode()


def test_the_recorded_answer_is_read(corpus: Corpus) -> None:
    recording = corpus.recording("newsapi/everything_crypto_2020")["body"]["articles"]

    found = parse_everything(
        corpus.body("newsapi/everything_crypto_2020"), parse_iso("2020-06-06T12:00:00Z") or 0
    )

    assert len(found.items) == len(recording) == 20
    assert [item.published_ms for item in found.items] == sorted(
        (parse_iso(row["publishedAt"]) or 0 for row in recording), reverse=True
    )
    first = next(item for item in found.items if item.outlet == "newsBTC")
    assert first.title == "XRP is Prepping for a Fresh Breakdown Despite Climbing Social Volume"
    assert first.url == "https://www.newsbtc.com/2020/06/06/xrp-ready-for-a-fresh-breakdown/"
    assert first.image_url is not None
    assert "[+" not in first.content
    assert first.symbols == ("XRP", "BTC")


@pytest.mark.parametrize(
    ("name", "error"), [("error_apiKeyInvalid", NoKey), ("error_rateLimited", SourceThrottled)]
)
def test_a_recorded_error_has_its_word_even_with_status_200(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    with pytest.raises(error):
        parse_everything(corpus.body(f"newsapi/{name}"), NOW_MS)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "error"), [("error_apiKeyInvalid", NoKey), ("error_rateLimited", SourceThrottled)]
)
async def test_a_recorded_error_has_its_word(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    recording = corpus.recording(f"newsapi/{name}")
    source = provider(
        NewsApi, lambda _: httpx.Response(recording["status"], json=recording["body"]), key="k"
    )

    with pytest.raises(error):
        await source.news(Everything())


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "error"), [(401, NoKey), (429, SourceThrottled), (500, SourceUnavailable)]
)
async def test_a_status_without_a_readable_body_has_its_word(
    status: int, error: type[SourceError]
) -> None:
    source = provider(NewsApi, lambda _: httpx.Response(status, content=b"<html/>"), key="k")

    with pytest.raises(error):
        await source.news(Everything())


def test_articles_that_were_taken_back_are_left_out() -> None:
    body = answer(ARTICLE | {"title": "[Removed]", "url": "https://removed.com"}, ARTICLE)

    assert [item.title for item in parse_everything(body, NOW_MS).items] == ["A title"]


@pytest.mark.parametrize("body", [answer(), answer({}), b"[]", b""])
def test_what_holds_no_article_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse_everything(body, NOW_MS)


@given(damaged(answer(ARTICLE)))
def test_damage_is_news_or_a_source_error(body: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_everything(body, NOW_MS))


@pytest.mark.anyio
async def test_the_key_goes_into_a_header_not_into_the_address() -> None:
    asked: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=answer(ARTICLE))

    await provider(NewsApi, respond, key="secret").news(Everything())

    assert asked[0].headers["x-api-key"] == "secret"
    assert "secret" not in str(asked[0].url)
    assert asked[0].url.path == "/v2/everything"


def test_one_absurd_article_costs_only_itself() -> None:
    wrong = [ARTICLE | {"title": 7}, ARTICLE | {"source": "An outlet"}]

    (article,) = parse_everything(answer(*wrong, ARTICLE), NOW_MS).items

    assert article.title == "A title"
