"""The tone of texts by what ships with the service."""

import asyncio

import httpx
import pytest

from lib.providers.embedded_sentiment import EmbeddedSentiment
from lib.queries import TextsQuery
from lib.wording.judge import MODEL, embedded_judge
from tests.lib.providers.aggregator import NOW_MS, provider


def nobody(_: httpx.Request) -> httpx.Response:
    """No upstream is asked."""
    raise AssertionError("nobody is asked")


@pytest.mark.anyio
async def test_each_text_is_judged_in_order_and_nobody_is_asked() -> None:
    texts = ("Bitcoin soars", "Exchange hacked", "A meeting")

    found = await provider(EmbeddedSentiment, nobody).judged(TextsQuery(texts))

    assert found.rows == tuple(map(embedded_judge().judge, texts))
    assert [row.tone for row in found.rows] == ["positive", "negative", "neutral"]
    assert found.model == MODEL
    assert found.time_ms == NOW_MS


@pytest.mark.anyio
async def test_the_event_loop_serves_others_while_texts_are_judged() -> None:
    others = asyncio.Event()
    asyncio.get_running_loop().call_soon(others.set)

    await provider(EmbeddedSentiment, nobody).judged(TextsQuery(("Bitcoin soars",)))

    assert others.is_set()


def test_texts_that_join_alike_are_different_questions() -> None:
    one, other = TextsQuery(("ab", "c")), TextsQuery(("a", "bc"))

    assert one.key != other.key
    assert TextsQuery(("ab", "c")).key == one.key
