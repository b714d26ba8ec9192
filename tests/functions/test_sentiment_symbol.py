"""Behaviour of GET /api/sentiment/symbol/{symbol} and /api/sentiment/asset/{symbol}."""

import json

import pytest

from functions.sentiment_symbol import (
    SymbolMoodReply,
    SymbolMoodRequest,
    sentiment_asset,
    sentiment_symbol,
)
from lib.context import Context
from lib.errors import InvalidParameter
from lib.wording.tone import tone_score
from tests.functions.press import NOW_MS, Answers, feed, item, newsroom

pytestmark = pytest.mark.anyio

GOOD, BAD, DULL = "Bitcoin soars to a record high", "Bitcoin exchange hacked", "Bitcoin talks begin"
PRESS: Answers = {
    "rss_coindesk": feed(item(GOOD, 1), item(BAD, 25)),
    "rss_decrypt": feed(item(DULL, 1), item("Ether slides", 1)),
}
REASONED = ("social_volume", "social_dominance", "reddit_sentiment", "twitter_sentiment")


async def ask(symbol: str, answers: Answers = PRESS) -> tuple[SymbolMoodReply, Context]:
    """The reply, and what is noted beside it."""
    runtime = newsroom(answers)
    ctx = runtime.context()
    try:
        return await sentiment_symbol(SymbolMoodRequest(symbol=symbol), ctx), ctx
    finally:
        await runtime.aclose()


def scores(*titles: str) -> list[float]:
    """What the articles of these titles score."""
    return [tone_score(f"{title}. ") for title in titles]


@pytest.mark.parametrize("symbol", ["BTC", "btc", "BTCUSDT", "BTC/USDT", "XBT"])
async def test_the_score_is_made_of_the_stories_that_name_it(symbol: str) -> None:
    reply, _ = await ask(symbol)

    good, bad, dull = scores(GOOD, BAD, DULL)
    assert reply.news_sentiment == pytest.approx((good + bad + dull) / 3, abs=1e-3)
    assert reply.sentiment_score == pytest.approx((good + dull + bad / 2) / 2.5, abs=1e-3)
    assert reply.sample_size == reply.news_count == 3
    assert (reply.positive, reply.negative, reply.neutral) == (1, 1, 1)
    assert reply.sentiment == "positive"
    assert reply.timestamp == NOW_MS - 3_600_000


async def test_a_bare_symbol_is_echoed_as_base_and_a_pair_as_pair() -> None:
    assert (await ask("btc"))[0].symbol == "BTC"
    assert (await ask("btcusdt"))[0].symbol == "BTC/USDT"


async def test_social_fields_are_null_with_a_reason() -> None:
    reply, ctx = await ask("BTC")

    assert [getattr(reply, field) for field in REASONED] == [None] * 4
    assert set(REASONED) <= set(ctx.missing)


async def test_posts_of_x_are_its_twitter_sentiment_where_they_are_paid_for() -> None:
    post = {"id": "1", "text": "$BTC plunges", "created_at": "2025-11-24T15:30:00Z"}
    answers = {**PRESS, "twitter": json.dumps({"data": [post]}).encode()}
    runtime = newsroom(answers, TWITTER_BEARER_TOKEN="t")
    ctx = runtime.context()

    reply = await sentiment_symbol(SymbolMoodRequest(symbol="BTC"), ctx)
    await runtime.aclose()

    assert reply.twitter_sentiment is not None
    assert reply.twitter_sentiment < 0
    assert "twitter_sentiment" not in ctx.missing


async def test_of_what_no_story_names_nothing_is_said() -> None:
    reply, ctx = await ask("SOL")

    assert (reply.sentiment_score, reply.sentiment, reply.news_sentiment) == (None, None, None)
    assert reply.sample_size == 0
    assert "none of the 4 latest stories" in ctx.missing["sentiment_score"]


@pytest.mark.parametrize("symbol", ["", "BTC/", "../etc", "BTC USDT"])
async def test_what_is_no_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(InvalidParameter):
        await ask(symbol)


async def test_in_short_it_names_the_outlets_and_how_far_they_agree() -> None:
    runtime = newsroom(PRESS)

    reply = await sentiment_asset(SymbolMoodRequest(symbol="ETH"), runtime.context())
    await runtime.aclose()

    assert (reply.symbol, reply.sentiment) == ("ETH", "negative")
    assert reply.score == pytest.approx(scores("Ether slides")[0])
    assert (reply.confidence, reply.sources, reply.sample_size) == (1.0, ["Decrypt"], 1)


async def test_in_short_of_what_no_story_names_nothing_is_said() -> None:
    runtime = newsroom(PRESS)
    ctx = runtime.context()

    reply = await sentiment_asset(SymbolMoodRequest(symbol="SOL"), ctx)
    await runtime.aclose()

    assert (reply.sentiment, reply.score, reply.confidence, reply.sources) == (None, None, None, [])
    assert {"sentiment", "score", "confidence"} <= set(ctx.missing)
