"""News and moods end to end: the service over the sandbox on loopback, with faults."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from adapters.asgi import create_app
from functions import fear_greed, news_latest, news_views, sentiment_global, sentiment_symbol
from lib.feeds import OUTLETS
from lib.runtime import build_runtime
from lib.sandbox import SandboxServer
from lib.settings import Settings

pytestmark = pytest.mark.anyio

NAMES = (*OUTLETS, "alternative_me", "coinmarketcap", "binance", "coingecko")
ENDPOINTS = [
    endpoint
    for module in (news_latest, news_views, sentiment_global, sentiment_symbol, fear_greed)
    for endpoint in module.endpoints
]
PATHS = [
    "/api/news/latest",
    "/api/news",
    "/api/news/headlines",
    "/api/sentiment/global",
    "/api/sentiment",
    "/api/sentiment/symbol/BTC",
    "/api/sentiment/asset/eth-usdt",
    "/api/fear-greed",
]
FAULTS = {
    "refuse": "unavailable",
    "truncated": "malformed",
    "html": "malformed",
    "shape": "malformed",
    "empty": "malformed",
    "403": "geo_blocked",
    "451": "geo_blocked",
    "429": "throttled",
    "404": "unavailable",
    "500": "unavailable",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=5) as server:
        yield server


@pytest.fixture
async def client(sandbox: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A cold service over the sandbox."""
    sandbox.faults.clear()
    sandbox.app.state.calls.clear()
    root = f"http://127.0.0.1:{sandbox.port}"
    runtime = build_runtime(
        Settings(base_urls={name: f"{root}/{name}" for name in NAMES}, rate_limit_ip=0),
        transport=httpx.AsyncHTTPTransport(),
        names=NAMES,
        sandbox=True,
    )
    transport = httpx.ASGITransport(create_app(ENDPOINTS, runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made
    await runtime.aclose()


async def body(client: httpx.AsyncClient, path: str) -> Any:
    """What a path answers, which must be 200."""
    reply = await client.get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize("path", PATHS)
async def test_without_any_key_every_path_answers(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)

    assert reply.status_code == 200
    told = reply.json()
    if isinstance(told, dict):
        assert next(iter(told)) == "success"
        assert told["meta"]["degraded"] is False
        assert told["meta"]["sandbox"] is True


async def test_the_news_are_of_all_outlets_and_each_story_comes_once(
    client: httpx.AsyncClient,
) -> None:
    told = await body(client, "/api/news/latest?limit=100")

    assert told["total"] >= len(told["news"]) >= 50
    assert told["news"] == told["articles"]
    assert {row["source"] for row in told["news"]} >= {"CoinDesk", "Blockworks", "Unchained"}
    assert len({row["id"] for row in told["news"]}) == len(told["news"])
    assert len({row["title"] for row in told["news"]}) == len(told["news"])
    assert any(len(row["sources"]) > 2 for row in told["news"])
    times = [row["published_at"] for row in told["news"]]
    assert times == sorted(times, reverse=True)
    assert not any("utm_" in row["url"] or "<" in row["summary"] for row in told["news"])


async def test_all_news_cost_one_call_an_outlet(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    for path in PATHS:
        await client.get(path)

    calls = sandbox.app.state.calls
    assert {name: calls[name] for name in OUTLETS} == dict.fromkeys(OUTLETS, 1)
    assert calls["alternative_me"] == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_one_outlets_fault_is_its_own(
    sandbox: SandboxServer, client: httpx.AsyncClient, fault: str
) -> None:
    sandbox.faults.set("rss_decrypt", fault)

    told = await body(client, "/api/news/latest?limit=100")

    assert told["meta"]["missing"]["news[rss_decrypt]"] == FAULTS[fault]
    assert [path for path in told["meta"]["missing"] if path.startswith("news[rss")] == [
        "news[rss_decrypt]"
    ]
    assert told["meta"]["degraded"] is True
    assert not any("Decrypt" in row["sources"] for row in told["news"])
    assert told["total"] > 50


async def test_a_hanging_outlet_is_left_out(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    sandbox.faults.set("rss_theblock", "hang")

    told = await body(client, "/api/news/latest")

    assert told["meta"]["missing"]["news[rss_theblock]"] == "no answer yet"
    assert told["total"] > 50


async def test_coinmarketcap_and_then_our_own_index_stand_in(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    sandbox.faults.set("alternative_me", "500")
    first = await body(client, "/api/sentiment/global?timeframe=7D")
    sandbox.faults.set("coinmarketcap", "500")
    assert first["index_source"] == "coinmarketcap"
    assert len(first["history"]) == 7
    assert first["meta"]["degraded"] is True


async def test_with_both_indexes_down_ours_is_told(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    for name in ("alternative_me", "coinmarketcap"):
        sandbox.faults.set(name, "500")

    told = await body(client, "/api/sentiment/global")

    assert told["index_source"] == "own"
    assert 0 <= told["value"] <= 100
    assert (await client.get("/api/fear-greed")).status_code == 503


async def test_with_everything_down_from_the_start_it_is_unavailable(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    for name in NAMES:
        sandbox.faults.set(name, "500")

    for path in PATHS:
        reply = await client.get(path)
        assert reply.status_code == 503
        assert reply.json()["error"]["code"] == "UPSTREAM_UNAVAILABLE"


async def test_a_symbol_that_nobody_knows_is_refused(client: httpx.AsyncClient) -> None:
    reply = await client.get("/api/sentiment/symbol/NOSUCHCOIN")

    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "INVALID_SYMBOL"
