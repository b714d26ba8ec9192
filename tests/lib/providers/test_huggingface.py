"""A model at Hugging Face, over a real server on loopback, with the embedded one behind it."""

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import httpx
import pytest

from lib.clock import Clock
from lib.errors import CircuitOpen, NoKey, SourceError, SourceMalformed, SourceUnavailable
from lib.feeds import FORECASTS, SENTIMENT
from lib.highway.road import Highway
from lib.market import Candle, Pair
from lib.news import Verdict
from lib.providers.base import Budget
from lib.providers.embedded_sentiment import EmbeddedSentiment
from lib.providers.huggingface import BUDGET_S, HuggingFace
from lib.queries import ForecastQuery, TextsQuery
from lib.sourced import Sourced
from lib.store import Store
from lib.store.guarded import GuardedStore
from lib.wire.hf import LEVELS, parse_forecast, parse_labels
from lib.wire.hf_spend import Spend, is_metered
from lib.wording.judge import MODEL, embedded_judge
from tests.conftest import StillClock
from tests.lib.fakes import DownStore, FakeStore
from tests.lib.providers.hf_server import serving

pytestmark = pytest.mark.anyio

TEXTS = TextsQuery(("Bitcoin soars", "Exchange hacked"))
UP = [
    {"label": "Bullish", "score": 0.7},
    {"label": "Neutral", "score": 0.2},
    {"label": "Bearish", "score": 0.1},
]
DOWN = [
    {"label": "negative", "score": 0.9},
    {"label": "positive", "score": 0.06},
    {"label": "neutral", "score": 0.04},
]
REMOTE = replace(SENTIMENT, sources=("huggingface", "embedded_sentiment"))
READ_UP, READ_DOWN = Verdict("positive", 0.6, 0.7), Verdict("negative", -0.84, 0.9)


def remote(
    client: httpx.AsyncClient,
    clock: Clock,
    url: str | None,
    monthly_usd: float = 0.1,
    store: Store | None = None,
) -> HuggingFace:
    """The provider, aimed at an address."""
    made = HuggingFace(client, clock, None, "a-token")
    made.aim(sentiment_url=url, forecast_url=url, monthly_usd=monthly_usd, store=store)
    return made


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


# several processes with one store


async def test_what_one_process_found_cold_no_other_asks(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.status = 503
        first, other, new = (remote(client, clock, endpoint.url, store=store) for _ in range(3))

        with pytest.raises(SourceUnavailable, match="endpoint_cold"):
            await first.judged(TEXTS)
        for process in (first, other, new):
            with pytest.raises(CircuitOpen, match="endpoint_cold"):
                await process.judged(TEXTS)
        asked = len(endpoint.asked)
        clock.advance(30.1)
        endpoint.answers([UP, DOWN])
        await other.judged(TEXTS)

    assert (asked, len(endpoint.asked)) == (1, 2)


async def test_a_process_that_was_well_learns_that_another_failed(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        first, other = (remote(client, clock, endpoint.url, store=store) for _ in range(2))
        endpoint.answers([UP, DOWN])
        await first.judged(TEXTS)
        endpoint.status = 503
        with pytest.raises(SourceUnavailable):
            await other.judged(TEXTS)

        with pytest.raises(CircuitOpen, match="endpoint_cold"):
            await first.judged(TEXTS)

    assert len(endpoint.asked) == 2


async def test_while_one_process_finds_out_no_other_asks(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers([UP, DOWN])
        endpoint.delay_s = 0.05
        outcomes = []

        async def ask() -> None:
            try:
                await remote(client, clock, endpoint.url, store=store).judged(TEXTS)
                outcomes.append("ok")
            except SourceError as error:
                outcomes.append(error.outcome)

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(ask)

    assert sorted(outcomes) == ["circuit_open"] * 4 + ["ok"]
    assert len(endpoint.asked) == 1
    assert store.claims == {}


async def test_a_store_that_is_down_changes_nothing(clock: StillClock) -> None:
    store = GuardedStore(DownStore(), clock)
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers([UP, DOWN])
        found = await remote(client, clock, endpoint.url, store=store).judged(TEXTS)

    assert found.rows == (READ_UP, READ_DOWN)


class CountingStore(FakeStore):
    """A store that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    async def add(self, key: str, amount: int, ttl_s: float) -> int:
        self.counts[key] = self.counts.get(key, 0) + amount
        return self.counts[key]


async def test_several_processes_spend_one_budget(clock: StillClock) -> None:
    store = CountingStore()
    first, other = (Spend(clock, 0.1, store) for _ in range(2))

    await first.add(500)
    await other.add(400)

    assert not await other.affords()
    assert not await Spend(clock, 0.1, store).affords()  # nor does a restart forget
    assert await Spend(clock, 0.2, store).affords()


async def test_a_budget_is_told_where_requests_cost() -> None:
    url = "https://router.huggingface.co/hf-inference/models/some/model"
    async with httpx.AsyncClient() as client:
        metered = remote(client, StillClock(), url)
        dedicated = remote(client, StillClock(), "https://abc.endpoints.huggingface.cloud")

    assert metered.budget == Budget(0.1, 0.0)
    assert dedicated.budget is None


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


# what the router may cost


async def test_the_router_is_asked_text_by_text_until_the_month_is_spent() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content.decode())
        return httpx.Response(200, json=[UP])

    url = "https://router.huggingface.co/hf-inference/models/some/model"
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        found = await remote(client, StillClock(), url).judged(TEXTS)
        spent = remote(client, StillClock(), url, monthly_usd=0)
        with pytest.raises(SourceError, match="HF_MONTHLY_USD"):
            await spent.judged(TEXTS)

    assert found.model == "huggingface:some/model"
    assert found.rows == (READ_UP, READ_UP)
    assert len(asked) == 2
    assert all('"inputs":"' in question for question in asked)


async def test_a_new_month_has_its_own_cap() -> None:
    clock = StillClock()
    spend = Spend(clock, 0.1)

    await spend.add(900)  # seconds, at 0.00012 dollars
    assert not await spend.affords()
    clock.advance(31 * 86400)
    assert await spend.affords()


async def test_only_the_router_is_metered() -> None:
    assert is_metered("https://router.huggingface.co/hf-inference/models/a/b")
    assert not is_metered("https://abc.endpoints.huggingface.cloud")


# forecasts


def history(n: int = 60) -> ForecastQuery:
    """A question about the next two hours."""
    bars = tuple(
        Candle(i * 3_600_000, 100, 101, 99, 100 + i % 3, volume=1, closed=True) for i in range(n)
    )
    return ForecastQuery(Pair("BTC", "USDT"), "1h", 2, 0.8, bars)


def quantiles() -> dict[str, list[float]]:
    """Ordered ones, two bars."""
    return {f"{level:g}": [95 + i, 90 + 2 * i] for i, level in enumerate(LEVELS)}


async def test_a_forecast_of_an_endpoint_is_read() -> None:
    query = history()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers({"predictions": [quantiles()]})

        found = await remote(client, StillClock(), endpoint.url).forecasts(query)

    assert FORECASTS.name in HuggingFace.served()
    assert [step.price for step in found.steps] == [99, 98]
    assert [(step.lower, step.upper) for step in found.steps] == [(97, 101), (94, 102)]
    assert [step.time_ms for step in found.steps] == [61 * 3_600_000, 62 * 3_600_000]
    assert found.probability_up is None
    [question] = endpoint.asked
    assert question["inputs"][0]["target"] == [bar.close for bar in query.candles]
    assert question["parameters"]["prediction_length"] == 2


async def test_crossed_quantiles_are_sorted() -> None:
    crossed = quantiles()
    crossed["0.1"], crossed["0.9"] = crossed["0.9"], crossed["0.1"]

    found = parse_forecast({"predictions": [crossed]}, history())

    for step in found.steps:
        assert list(step.quantiles) == sorted(step.quantiles)
        assert step.lower <= step.price <= step.upper


def _damages() -> Iterator[tuple[str, Any]]:
    for name, value in {
        "negative": -1.0,
        "zero": 0.0,
        "nan": math.nan,
        "infinite": math.inf,
        "null": None,
        "absurd": 1e9,
    }.items():
        yield name, [value, 100.0]
    yield "short", [100.0]
    yield "no list", 100.0


@pytest.mark.parametrize(("name", "column"), list(_damages()))
async def test_other_quantiles_are_refused(name: str, column: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_forecast({"predictions": [quantiles() | {"0.5": column}]}, history())


async def test_a_forecast_endpoint_rests_apart_from_that_of_sentiment() -> None:
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        source = remote(client, StillClock(), endpoint.url)
        endpoint.status = 503
        with pytest.raises(SourceUnavailable):
            await source.forecasts(history())

        endpoint.answers([UP, DOWN])
        found = await source.judged(TEXTS)

    assert found.rows == (READ_UP, READ_DOWN)


async def test_without_an_address_of_forecasts_the_variable_is_named() -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(NoKey, match="HF_FORECAST_URL"):
            await remote(client, StillClock(), None).forecasts(history())
