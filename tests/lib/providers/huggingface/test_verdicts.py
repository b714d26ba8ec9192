"""Models at Hugging Face asked for the tone of texts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import httpx
import pytest

from lib.clock import Clock
from lib.errors import CircuitOpen, SourceError, SourceMalformed, SourceUnavailable
from lib.feeds import SENTIMENT
from lib.highway.road import Highway
from lib.providers.embedded_sentiment import EmbeddedSentiment
from lib.providers.huggingface import BUDGET_S
from lib.queries import TextsQuery
from lib.sourced import Sourced
from lib.wire.hf import parse_labels
from lib.wording.judge import MODEL, embedded_judge
from tests.conftest import StillClock
from tests.lib.providers.hf_server import serving
from tests.lib.providers.huggingface.endpoint import DOWN, READ_DOWN, READ_UP, TEXTS, UP, remote

pytestmark = pytest.mark.anyio
REMOTE = replace(SENTIMENT, sources=("huggingface", "embedded_sentiment"))


@asynccontextmanager
async def road(url: str | None, clock: Clock) -> AsyncIterator[Highway]:
    """Texts go to Hugging Face first, then to the embedded model."""
    async with httpx.AsyncClient(trust_env=False) as client:
        embedded = EmbeddedSentiment(client, clock)
        highway = Highway([remote(client, clock, url), embedded], clock)
        try:
            yield highway
        finally:
            await highway.aclose()


def tried(found: Sourced[Any]) -> list[tuple[str, str]]:
    """Who was asked, and what came of it."""
    return [(attempt.source, attempt.outcome) for attempt in found.tried]


async def test_an_endpoint_gets_all_texts_at_once_and_labels_are_read_by_name() -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.answers([UP, DOWN])

        found = await highway.fetch(REMOTE, TEXTS)

    assert found.value.rows == (READ_UP, READ_DOWN)
    assert not found.degraded
    assert [question["inputs"] for question in endpoint.asked] == [list(TEXTS.texts)]
    assert "authorization: bearer a-token" in endpoint.request_headers[0].lower()
    assert "scale-up" not in endpoint.request_headers[0].lower()


async def test_the_same_texts_are_asked_once() -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.answers([UP, DOWN])

        for _ in range(3):
            await highway.fetch(REMOTE, TEXTS)

    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (503, b'{"error":"Model is loading","estimated_time":20}', "endpoint_cold"),
        (502, b"<html>bad gateway</html>", "unavailable"),
        (429, b"{}", "throttled"),
        (402, b"{}", "quota_spent"),
        (410, b"{}", "unavailable"),
        (401, b"{}", "unavailable"),
        (403, b"{}", "unavailable"),
        (400, b'{"error":"a fault of the handler"}', "unavailable"),
        (200, b"<html>hello</html>", "malformed"),
        (200, b'[[{"label":"Bullish","score":NaN}],[]]', "malformed"),
        (200, b'[[{"label":"Bullish","score":null}],[]]', "malformed"),
        (200, b'[[{"label":"LABEL_2","score":1}],[{"label":"LABEL_0","score":1}]]', "malformed"),
        (200, b"[]", "malformed"),
        (200, b"{}", "malformed"),
    ],
)
async def test_the_embedded_model_answers_and_says_why(
    status: int, body: bytes, outcome: str
) -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.status, endpoint.body = status, body

        found = await highway.fetch(REMOTE, TEXTS)

    assert found.value.model == MODEL
    assert found.value.rows == tuple(map(embedded_judge().judge, TEXTS.texts))
    assert found.degraded
    assert tried(found) == [("huggingface", outcome), ("embedded_sentiment", "ok")]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 500])
async def test_a_refusal_that_repeats_the_token_is_not_repeated(status: int) -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.status, endpoint.body = status, b"a-token is not welcome"

        await highway.fetch(REMOTE, TEXTS)
        told = highway.gates["huggingface"].last_error

    assert told == f"huggingface: {status}"


async def test_nobody_waits_two_seconds_for_an_endpoint_that_hangs() -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.hangs = True

        with anyio.fail_after(2):
            found = await highway.fetch(REMOTE, TEXTS)

    assert found.value.model == MODEL
    assert tried(found) == [("huggingface", "timeout"), ("embedded_sentiment", "ok")]


async def test_after_a_hang_the_next_text_is_not_sent() -> None:
    async with serving() as endpoint, road(endpoint.url, StillClock()) as highway:
        endpoint.hangs = True

        for text in ("one", "two"):  # the second while the first is still under way
            found = await highway.fetch(REMOTE, TextsQuery((text,)))
        assert tried(found)[0] == ("huggingface", "circuit_open")
        await anyio.sleep(BUDGET_S)
        found = await highway.fetch(REMOTE, TextsQuery(("three",)))

    assert tried(found)[0] == ("huggingface", "circuit_open")
    assert len(endpoint.asked) == 1


async def test_a_cold_endpoint_is_asked_once_in_thirty_seconds() -> None:
    clock = StillClock()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.status = 503
        source = remote(client, clock, endpoint.url)

        with pytest.raises(SourceUnavailable, match="endpoint_cold"):
            await source.judged(TEXTS)
        for _ in range(5):
            with pytest.raises(CircuitOpen, match="endpoint_cold"):
                await source.judged(TEXTS)
        assert len(endpoint.asked) == 1

        clock.advance(30.1)
        endpoint.answers([UP, DOWN])
        await source.judged(TEXTS)

    assert len(endpoint.asked) == 2


async def test_many_at_once_cost_one_slow_request() -> None:
    outcomes: list[str] = []
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.status, endpoint.delay_s = 503, 0.05
        source = remote(client, StillClock(), endpoint.url)

        async def ask(text: str) -> None:
            try:
                await source.judged(TextsQuery((text,)))
            except SourceError as error:
                outcomes.append(error.outcome)

        async with anyio.create_task_group() as group:
            for i in range(10):
                group.start_soon(ask, f"text {i}")

    assert len(endpoint.asked) == 1
    assert sorted(outcomes) == ["circuit_open"] * 9 + ["endpoint_cold"]


async def test_without_an_address_nobody_is_asked_and_nothing_is_degraded() -> None:
    async with road(None, StillClock()) as highway:
        found = await highway.fetch(REMOTE, TEXTS)

    assert found.value.model == MODEL
    assert not found.degraded
    assert tried(found)[0] == ("huggingface", "no_key")


@pytest.mark.parametrize("reply", [UP, [UP], [[UP]], [[[UP]]]])
async def test_one_texts_labels_may_be_nested_or_flat(reply: Any) -> None:
    assert parse_labels(reply, 1) == [READ_UP]


@pytest.mark.parametrize("reply", [[UP, DOWN], [[UP, DOWN]]])
async def test_several_texts_labels_may_be_nested_deeper(reply: Any) -> None:
    assert parse_labels(reply, 2) == [READ_UP, READ_DOWN]


@pytest.mark.parametrize(
    "reply",
    [
        None,
        7,
        [],
        [[]],
        [UP, DOWN],
        [{"label": "positive", "score": 0.9}],
        [*UP[:2], {"label": "Bearish", "score": 0.9}],
        [*UP[:2], {"label": "Bearish", "score": -0.1}],
        [*UP[:2], {"label": "Bearish", "score": True}],
        [*UP[:2], {"label": None, "score": 0.1}],
        [*UP[:2], UP[0]],
    ],
)
async def test_other_labels_are_refused(reply: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_labels(reply, 1)
