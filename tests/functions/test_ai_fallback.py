"""The failure table of remote models, over a real server: the embedded model answers, says why."""

import json
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import httpx
import msgspec
import pytest

from lib.ledger.ledger import open_ledger
from tests.house import NOW_MS, PLAYED, House
from tests.lib.providers.hf_server import Endpoint, serving

pytestmark = pytest.mark.anyio

PREDICT, ANALYZE = "/api/ai/predict", "/api/sentiment/analyze"
LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
TONES = ("Bullish", "Neutral", "Bearish")


class _Forked(httpx.AsyncBaseTransport):
    """Loopback by the network, every other host by the sandbox."""

    def __init__(self) -> None:
        self.sandbox: httpx.AsyncBaseTransport | None = None
        self._network = httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        inside = self.sandbox if request.url.host == "sandbox" else self._network
        assert inside
        return await inside.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as served:
        yield served


@pytest.fixture
async def house(endpoint: Endpoint) -> AsyncIterator[House]:
    """A service that asks an endpoint first, for forecasts and for sentiment."""
    network = _Forked()
    asked = {"HF_TOKEN": "t", "HF_FORECAST_URL": endpoint.url, "HF_SENTIMENT_URL": endpoint.url}
    names = ["huggingface", *PLAYED, "embedded_sentiment"]
    async with House(upstream=network, settings=asked, names=names) as made:
        network.sandbox = httpx.ASGITransport(made.sandbox)
        yield made


def quantiles(question: Any) -> dict[str, list[float]]:
    """Ordered prices around the last close, one bar wide."""
    last = question["inputs"][0]["target"][-1]
    bars = question["parameters"]["prediction_length"]
    levels = question["parameters"]["quantile_levels"]
    return {f"{level:g}": [last * (0.9 + 0.2 * level)] * bars for level in levels}


def told(change: Callable[[dict[str, list[float]]], Any]) -> Callable[[Any], bytes]:
    """A handler that answers with changed quantiles; NaN as Python writes it."""

    def answer(question: Any) -> bytes:
        return json.dumps({"predictions": [change(quantiles(question))]}).encode()

    return answer


FAILURES: list[tuple[str, dict[str, Any], str]] = [
    ("cold", {"status": 503, "body": b'{"error":"503 Service Unavailable"}'}, "endpoint_cold"),
    ("busy", {"status": 429, "body": b"{}"}, "throttled"),
    ("no credit", {"status": 402, "body": b"{}"}, "quota_spent"),
    ("gone", {"status": 410, "body": b"{}"}, "unavailable"),
    ("refused", {"status": 401, "body": b"{}"}, "unavailable"),
    ("fault", {"status": 500, "body": b"<html>"}, "unavailable"),
    ("hangs", {"hangs": True}, "timeout"),
    ("html", {"body": b"<html>hello</html>"}, "malformed"),
    ("empty", {"body": b""}, "malformed"),
    ("flat", {"body": b"[]"}, "malformed"),
]

BROKEN: list[tuple[str, Callable[[dict[str, list[float]]], Any]]] = [
    ("nan", lambda q: q | {"0.5": [math.nan] * len(q["0.5"])}),
    ("infinite", lambda q: q | {"0.9": [math.inf] * len(q["0.9"])}),
    ("negative", lambda q: q | {"0.025": [-1.0] * len(q["0.025"])}),
    ("short", lambda q: q | {"0.5": q["0.5"][1:]}),
    ("a level missing", lambda q: {k: v for k, v in q.items() if k != "0.25"}),
    ("a hundredfold", lambda q: q | {"0.975": [1e12] * len(q["0.5"])}),
]


def fail(endpoint: Endpoint, how: dict[str, Any]) -> None:
    """Let the endpoint do so from now on."""
    for name, value in how.items():
        setattr(endpoint, name, value)


@pytest.mark.parametrize(("how", "word"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
async def test_a_forecast_is_embedded_and_says_why(
    house: House, endpoint: Endpoint, how: dict[str, Any], word: str
) -> None:
    fail(endpoint, how)

    with anyio.fail_after(2):
        body = (await house.post(PREDICT, {"symbol": "BTC", "horizon": 3})).json

    assert (body["model"], len(body["predictions"])) == ("ensemble_v3", 3)
    assert body["fallback_reason"] == f"huggingface {word}"
    assert body["meta"]["degraded"] is True
    assert "fallback_reason" not in body["meta"].get("missing", {})


@pytest.mark.parametrize(("name", "change"), BROKEN, ids=[name for name, _ in BROKEN])
async def test_numbers_that_are_no_forecast_are_not_served(
    house: House, endpoint: Endpoint, name: str, change: Callable[[dict[str, list[float]]], Any]
) -> None:
    endpoint.handler = told(change)

    body = (await house.post(PREDICT, {"symbol": "BTC", "horizon": 3})).json

    assert (body["model"], body["fallback_reason"]) == ("ensemble_v3", "huggingface malformed")
    assert b"NaN" not in json.dumps(body).encode(), name


async def test_crossed_quantiles_come_out_in_order(house: House, endpoint: Endpoint) -> None:
    endpoint.handler = told(lambda q: q | {"0.1": q["0.9"], "0.9": q["0.1"]})

    body = (await house.post(PREDICT, {"symbol": "BTC", "horizon": 3})).json

    assert (body["model"], body["fallback_reason"]) == ("huggingface:endpoint", None)
    assert all(p["lower_bound"] < p["price"] < p["upper_bound"] for p in body["predictions"])


@pytest.mark.parametrize(("how", "word"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES])
async def test_a_tone_is_embedded_and_says_why(
    house: House, endpoint: Endpoint, how: dict[str, Any], word: str
) -> None:
    fail(endpoint, how)

    with anyio.fail_after(2):
        body = (await house.post(ANALYZE, {"text": "Bitcoin soars"})).json

    assert (body["model"], body["label"]) == ("sentiment_v1", "positive")
    assert body["fallback_reason"] == f"huggingface {word}"
    assert body["meta"]["degraded"] is True


@pytest.mark.parametrize("depth", range(4))
async def test_labels_may_be_flat_or_nested(house: House, endpoint: Endpoint, depth: int) -> None:
    labels: Any = [{"label": t, "score": s} for t, s in zip(TONES, (0.7, 0.2, 0.1), strict=True)]
    for _ in range(depth):
        labels = [labels]
    endpoint.answers(labels)

    body = (await house.post(ANALYZE, {"text": "Bitcoin soars"})).json

    assert (body["model"], body["label"], body["score"]) == (
        "huggingface:endpoint",
        "positive",
        0.6,
    )
    assert "fallback_reason" not in body


async def test_a_cold_endpoint_costs_one_request_in_half_a_minute(
    house: House, endpoint: Endpoint
) -> None:
    fail(endpoint, {"status": 503, "body": b"{}"})
    reasons = []
    for symbol in ("BTC", "ETH", "SOL", "BNB"):
        body = (await house.post(PREDICT, {"symbol": symbol, "horizon": 3})).json
        reasons.append(body["fallback_reason"])
    cold = len(endpoint.asked)
    house.clock.advance(31)
    await house.post(PREDICT, {"symbol": "XRP", "horizon": 3})

    assert reasons == ["huggingface endpoint_cold"] * 4
    assert (cold, len(endpoint.asked)) == (1, 2)


async def test_an_endpoints_spread_is_set_right_by_what_came_of_it(
    house: House, endpoint: Endpoint
) -> None:
    endpoint.handler = told(lambda q: q)
    ledger = house.runtime.ledger = open_ledger("sqlite://", house.clock, "live")
    asked = {"symbol": "BTC", "horizon": 1}
    raw = (await house.post(PREDICT, asked)).json
    [said] = [r for r in (await ledger.due(2 * NOW_MS))[0] if r.model.endswith(":raw")]

    # each of its outcomes was twice as far away as its 95 % interval reaches
    missed = [
        msgspec.structs.replace(
            said,
            id=f"past {at}",
            origin_ms=said.origin_ms - at * 3_600_000,
            outcome=said.price * 1.2,
        )
        for at in range(1, 301)
    ]
    await ledger.record(missed)
    await ledger.score(missed)
    house.clock.advance(3601)
    set_right = (await house.post(PREDICT, asked)).json
    served = [r.model for r in (await ledger.due(2 * NOW_MS))[0]]

    [before], [after] = raw["predictions"], set_right["predictions"]
    assert "not recalibrated" in raw["notes"][0]
    assert "recalibrated on 300 of its outcomes" in set_right["notes"][0]
    assert after["upper_bound"] / after["price"] > 1.15 > before["upper_bound"] / before["price"]
    assert sorted(served) == sorted(2 * ["huggingface:endpoint", "huggingface:endpoint:raw"])
