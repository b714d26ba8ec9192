"""Behaviour of GET /api/sentiment/global and its views."""

import json
from typing import Any

import pytest

from functions.fear_greed import FearGreedRequest, fear_greed
from functions.sentiment_global import MoodReply, MoodRequest, sentiment, sentiment_global
from lib.context import Context
from lib.errors import UpstreamUnavailable
from tests.functions.press import NOW_MS, Answers, feed, item, newsroom

pytestmark = pytest.mark.anyio

DAY_S = 86_400
MIDNIGHT_S = NOW_MS // 1000 // DAY_S * DAY_S

INDEX = json.dumps(
    {
        "data": [
            {"value": str(71 - i), "timestamp": str(MIDNIGHT_S - i * DAY_S)}
            | {"value_classification": "Greed"}
            for i in range(31)
        ],
        "metadata": {"error": None},
    }
).encode()


def bar(i: int) -> list[object]:
    """A daily bar, 129 - i days ago: a slow climb with a little unrest."""
    at_ms, close = (MIDNIGHT_S - (129 - i) * DAY_S) * 1000, str(50_000 + 10 * (i % 7) + 20 * i)
    return [at_ms, close, close, close, close, "1", at_ms + DAY_S * 1000 - 1, close, 9, "0", "0"]


BARS = json.dumps([bar(i) for i in range(130)]).encode()
TOTALS = json.dumps(
    {
        "data": {
            "total_market_cap": {"usd": 3e12},
            "total_volume": {"usd": 1e11},
            "market_cap_percentage": {"btc": 57.5, "eth": 12.0},
            "active_cryptocurrencies": 17000,
            "markets": 1400,
            "market_cap_change_percentage_24h_usd": 1.0,
            "updated_at": NOW_MS // 1000,
        }
    }
).encode()
WELL: Answers = {
    "alternative_me": INDEX,
    "binance": BARS,
    "coingecko": TOTALS,
    "rss_coindesk": feed(item("Bitcoin soars", 1), item("Exchange hacked", 2)),
}


async def ask(answers: Answers = WELL, **wanted: str) -> tuple[MoodReply, Context]:
    """The reply, and what is noted beside it."""
    runtime = newsroom(answers)
    ctx = runtime.context()
    try:
        return await sentiment_global(MoodRequest(**wanted), ctx), ctx  # type: ignore[arg-type]
    finally:
        await runtime.aclose()


def without(*names: str) -> dict[str, bytes | int]:
    """The well world without these sources."""
    return {name: said for name, said in WELL.items() if name not in names}


async def test_the_index_comes_under_every_name_that_is_read() -> None:
    reply, _ = await ask()

    assert reply.fearGreedIndex == reply.fear_greed_index == reply.value == 71
    assert reply.sentiment == reply.market_mood == "greed"
    assert reply.value_classification == "Greed"
    assert reply.description == "Market is showing signs of greed"
    assert reply.timestamp == MIDNIGHT_S * 1000
    assert reply.last_updated == "2025-11-24T00:00:00Z"
    assert reply.index_source == "alternative_me"


async def test_components_are_computed_or_null_with_a_reason() -> None:
    reply, ctx = await ask()

    parts = reply.components
    assert parts.volatility is not None
    assert parts.market_momentum is not None
    assert parts.market_momentum > 50
    assert parts.dominance == 42.5
    assert parts.news is not None
    for field in ("social_media", "surveys", "trends"):
        assert getattr(parts, field) is None
        assert f"components.{field}" in ctx.missing


async def test_confidence_is_how_near_the_published_index_and_ours_are() -> None:
    reply, _ = await ask()

    parts = reply.components
    known = [parts.volatility, parts.market_momentum, parts.dominance, parts.news]
    own = round(sum(value for value in known if value is not None) / 4)
    assert reply.confidence == pytest.approx(1 - abs(71 - own) / 100)


@pytest.mark.parametrize(("timeframe", "days"), [("1D", 1), ("7d", 7), ("30D", 30)])
async def test_history_goes_back_as_far_as_asked(timeframe: str, days: int) -> None:
    reply, _ = await ask(timeframe=timeframe)

    points = [(p.timestamp // 1000, p.sentiment, p.volume) for p in reply.history]
    assert points == [(MIDNIGHT_S - i * DAY_S, 71 - i, None) for i in range(days - 1, -1, -1)]


async def test_coinmarketcap_stands_in_for_alternative_me() -> None:
    answers = without("alternative_me") | {
        "latest": json.dumps(
            {"data": {"value": 33, "update_time": "2025-11-24T15:45:00Z"}}
        ).encode(),
        "historical": json.dumps(
            {"data": [{"value": 30, "timestamp": str(MIDNIGHT_S - DAY_S)}]}
        ).encode(),
    }

    reply, _ = await ask(answers, timeframe="7D")

    assert (reply.value, reply.index_source) == (33, "coinmarketcap")
    assert [point.sentiment for point in reply.history] == [30, 33]


async def test_our_own_index_stands_in_when_no_source_answers() -> None:
    reply, ctx = await ask(without("alternative_me"))

    parts = reply.components
    known = [parts.volatility, parts.market_momentum, parts.dominance, parts.news]
    assert reply.value == round(sum(value for value in known if value is not None) / 4)
    assert reply.index_source == "own"
    assert reply.history == []
    assert reply.confidence is None
    assert {"history", "confidence"} <= set(ctx.missing)


async def test_with_neither_index_nor_bars_it_is_unavailable() -> None:
    with pytest.raises(UpstreamUnavailable):
        await ask(without("alternative_me", "binance"))


@pytest.mark.parametrize(
    ("name", "field"),
    [("binance", "volatility"), ("coingecko", "dominance"), ("rss_coindesk", "news")],
)
async def test_a_component_whose_source_fails_is_null_with_a_reason(name: str, field: str) -> None:
    reply, ctx = await ask(without(name))

    assert getattr(reply.components, field) is None
    assert f"components.{field}" in ctx.missing
    assert reply.value == 71


async def test_the_short_path_answers_the_same() -> None:
    runtime = newsroom(WELL)

    long = await sentiment_global(MoodRequest(), runtime.context())
    short = await sentiment(MoodRequest(), runtime.context())
    await runtime.aclose()

    assert short == long


@pytest.mark.parametrize("timeframe", ["1H", "", "30"])
def test_another_timeframe_is_refused(timeframe: str) -> None:
    with pytest.raises(ValueError, match="timeframe"):
        MoodRequest(timeframe=timeframe)  # type: ignore[arg-type]


async def test_fear_greed_alone_goes_backwards_from_now() -> None:
    runtime = newsroom(WELL)

    reply = await fear_greed(FearGreedRequest(limit=3), runtime.context())
    await runtime.aclose()

    assert (reply.value, reply.value_classification) == (71, "Greed")
    assert reply.source == "alternative_me"
    assert [day.value for day in reply.data] == [71, 70, 69]


@pytest.mark.parametrize("limit", [0, 31])
def test_fear_greed_of_too_many_days_is_refused(limit: Any) -> None:
    with pytest.raises(ValueError, match="limit"):
        FearGreedRequest(limit=limit)
