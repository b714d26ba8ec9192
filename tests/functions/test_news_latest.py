"""Behaviour of GET /api/news/latest."""

import json
from typing import Any

import pytest

from functions.news_latest import NewsReply, news_latest
from functions.news_views import news_headlines, news_list
from lib.errors import InvalidParameter, UpstreamUnavailable
from lib.feeds import OUTLETS
from lib.views.articles import NewsRequest
from tests.functions.press import Answers, feed, item, newsroom

pytestmark = pytest.mark.anyio

PICTURE = "<media:thumbnail url='https://cdn.example.com/1.jpg'/>"
PRESS: Answers = {
    "rss_coindesk": feed(
        item("Bitcoin soars to a record high", 1, more=PICTURE),
        item("Ether slides after a hack of a DeFi bridge", 2),
    ),
    "rss_decrypt": feed(
        item("Bitcoin soars to a record high - CoinDesk", 0.5, "https://d.example/1?utm_source=x"),
        item("An NFT collection returns", 3, "https://d.example/2"),
    ),
    "rss_cointelegraph": feed(item("Noticias de bitcoin", 4, "https://t.example/1"), language="es"),
}


async def ask(answers: Answers = PRESS, **wanted: Any) -> NewsReply:
    """The reply to these parameters."""
    runtime = newsroom(answers)
    try:
        return await news_latest(NewsRequest(**wanted), runtime.context())
    finally:
        await runtime.aclose()


async def test_one_story_comes_once_with_all_outlets_that_tell_it() -> None:
    reply = await ask()

    first = reply.news[0]
    assert [row.title for row in reply.news] == [
        "Bitcoin soars to a record high",
        "Ether slides after a hack of a DeFi bridge",
        "An NFT collection returns",
    ]
    assert (first.source, first.sources) == ("CoinDesk", ["CoinDesk", "Decrypt"])
    assert first.url == "https://a.example/bitcoin-soars-to-a-record-high"
    assert first.published_at == "2025-11-24T15:00:00Z"
    assert first.image_url == "https://cdn.example.com/1.jpg"
    assert (first.sentiment, first.related_symbols) == ("positive", ["BTC"])
    assert first.tags == ["bitcoin", "ath"]
    assert reply.articles is reply.news


async def test_total_counts_before_the_limit() -> None:
    reply = await ask(limit=1)

    assert (reply.total, len(reply.news)) == (3, 1)


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({"category": "bitcoin"}, ["Bitcoin soars to a record high"]),
        ({"category": "ETHEREUM"}, ["Ether slides after a hack of a DeFi bridge"]),
        ({"category": "defi"}, ["Ether slides after a hack of a DeFi bridge"]),
        ({"category": "nft"}, ["An NFT collection returns"]),
        ({"sentiment": "positive"}, ["Bitcoin soars to a record high"]),
        ({"sentiment": "negative"}, ["Ether slides after a hack of a DeFi bridge"]),
        ({"sentiment": "neutral"}, ["An NFT collection returns"]),
        ({"symbol": "btcusdt"}, ["Bitcoin soars to a record high"]),
        ({"symbol": "SOL"}, []),
        ({"language": "es"}, ["Noticias de bitcoin"]),
        ({"language": "fr"}, []),
        ({"source": "decrypt", "category": "bitcoin"}, ["Bitcoin soars to a record high"]),
        ({"source": "Cointelegraph"}, []),
        ({"source": "rss_cointelegraph", "language": "all"}, ["Noticias de bitcoin"]),
    ],
)
async def test_stories_are_chosen(wanted: dict[str, str], titles: list[str]) -> None:
    reply = await ask(**wanted)

    assert [row.title for row in reply.news] == titles
    assert reply.total == len(titles)


@pytest.mark.parametrize(
    "wanted",
    [{"limit": 0}, {"limit": 101}, {"category": "x"}, {"sentiment": "good"}, {"language": "eng"}],
)
def test_what_cannot_be_asked_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wanted))):
        NewsRequest(**wanted)


async def test_a_symbol_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidParameter):
        await ask(symbol="../etc")


async def test_each_outlet_fails_alone_and_is_named() -> None:
    answers = {**PRESS, "rss_theblock": 403, "rss_unchained": b"<html/>", "rss_thedefiant": 429}
    runtime = newsroom(answers)
    ctx = runtime.context()

    reply = await news_latest(NewsRequest(), ctx)
    await runtime.aclose()

    told = {name: ctx.missing[f"news[{name}]"] for name in OUTLETS if name not in PRESS}
    assert reply.total == 3
    assert told == {
        "rss_theblock": "geo_blocked",
        "rss_unchained": "malformed",
        "rss_thedefiant": "throttled",
        "rss_bitcoinmagazine": "unavailable",
        "rss_cryptoslate": "unavailable",
        "rss_googlenews": "unavailable",
    }


async def test_a_reply_that_lacks_an_outlet_is_degraded_and_just_as_fresh() -> None:
    runtime = newsroom(PRESS)
    ctx = runtime.context()

    await news_latest(NewsRequest(), ctx)
    await runtime.aclose()

    told = ctx.provenance(())
    assert told is not None
    assert told.degraded
    assert told.fresh_until == told.fetched_at + 300_000


async def test_when_no_outlet_answers_the_reasons_are_told() -> None:
    with pytest.raises(UpstreamUnavailable) as refusal:
        await ask({"rss_coindesk": 403})

    reasons = refusal.value.details["sources"]
    assert set(reasons) == set(OUTLETS)
    assert reasons["rss_coindesk"] == "geo_blocked"


async def test_what_was_kept_is_told_when_all_outlets_are_down() -> None:
    answers: dict[str, bytes | int] = dict(PRESS)
    runtime = newsroom(answers)
    before = await news_latest(NewsRequest(), runtime.context())
    answers.clear()
    runtime.clock.advance(4000)  # type: ignore[attr-defined]

    after = await news_latest(NewsRequest(), runtime.context())
    await runtime.aclose()

    assert after.news == before.news


async def test_ids_stay_the_same_when_an_outlet_is_asked_again() -> None:
    one, other = await ask(), await ask()

    assert [row.id for row in one.news] == [row.id for row in other.news]
    assert all(row.id.startswith("news_") for row in one.news)


async def test_keyed_sources_join_only_when_their_key_is_set() -> None:
    post = {"title": "Solana rallies", "url": "https://p.example/1"}
    posts = json.dumps({"results": [post | {"published_at": "2025-11-24T15:30:00Z"}]}).encode()
    answers = {**PRESS, "cryptopanic": posts}
    without, keyed = newsroom(answers), newsroom(answers, CRYPTOPANIC_KEY="k")

    less = await news_latest(NewsRequest(), (ctx := without.context()))
    more = await news_latest(NewsRequest(), keyed.context())
    await without.aclose()
    await keyed.aclose()

    assert (less.total, more.total) == (3, 4)
    assert not any("cryptopanic" in path for path in ctx.missing)


async def test_pictures_that_nobody_sends_are_null_with_a_reason() -> None:
    runtime = newsroom(PRESS)
    ctx = runtime.context()

    reply = await news_latest(NewsRequest(), ctx)
    await runtime.aclose()

    assert reply.news[1].image_url is None
    assert "news[].image_url" in ctx.missing


async def test_what_is_told_in_another_language_is_not_judged() -> None:
    runtime = newsroom(PRESS)
    ctx = runtime.context()

    reply = await news_latest(NewsRequest(language="es"), ctx)
    await runtime.aclose()

    assert (reply.news[0].sentiment, reply.news[0].sentiment_score) == (None, None)
    assert {"news[].sentiment", "news[].sentiment_score"} <= set(ctx.missing)


async def test_views_hold_the_same_stories() -> None:
    runtime = newsroom(PRESS)

    latest = await news_latest(NewsRequest(limit=2), runtime.context())
    listed = await news_list(NewsRequest(limit=2), runtime.context())
    headlines = await news_headlines(NewsRequest(limit=2), runtime.context())
    await runtime.aclose()

    assert (listed.articles, listed.total) == (latest.news, latest.total)
    assert [(h.id, h.title) for h in headlines] == [(row.id, row.title) for row in latest.news]
