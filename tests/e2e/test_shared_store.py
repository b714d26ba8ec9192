"""Processes that share a store: one upstream call between them, and no request fails with it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from lib.sandbox import SandboxServer
from tests.servers import RedisServer
from tests.service import running_service
from tests.upstash_rest import UpstashRest

PATH = "/api/orderbook/ETH"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=5) as server:
        yield server


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(params=["redis", "upstash"])
def store(request: pytest.FixtureRequest, redis: RedisServer) -> Iterator[dict[str, str]]:
    """The settings of either store, over the same Redis."""
    if request.param == "redis":
        yield {"REDIS_URL": redis.url}
        return
    with UpstashRest(redis.port) as upstash:
        yield {
            "UPSTASH_REDIS_REST_URL": upstash.url,
            "UPSTASH_REDIS_REST_TOKEN": upstash.token,
        }


def test_two_processes_make_one_upstream_call_between_them(
    sandbox: SandboxServer, store: dict[str, str]
) -> None:
    settings = {**sandbox.base_urls(), **store}
    with (
        running_service("--upstream", "live", **settings) as one,
        running_service("--upstream", "live", **settings) as other,
    ):
        for root in (one, other):  # a store's first connection may take longer than its patience
            with httpx.Client(base_url=root, timeout=10) as client:
                client.get("/api/orderbook/BTC")
                _wait_for(client, "up")
        sandbox.app.state.calls.clear()
        together = threading.Barrier(2)

        def ask(root: str) -> httpx.Response:
            together.wait()
            return httpx.get(root + PATH, timeout=10)

        with ThreadPoolExecutor(2) as pool:
            replies = list(pool.map(ask, (one, other)))

    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json()["bids"] == replies[1].json()["bids"]
    depth_calls = [n for path, n in sandbox.app.state.calls.items() if "depth" in path]
    assert depth_calls == [1]


def test_no_request_fails_while_redis_dies_hangs_and_comes_back(
    sandbox: SandboxServer, redis: RedisServer
) -> None:
    settings = {**sandbox.base_urls(), "REDIS_URL": redis.url, "RATE_LIMIT_IP": "0"}
    paths = ["/api/price/BTC", PATH, "/api/ohlcv?symbol=BTC&timeframe=1h", "/api/trades/SOL"]
    with (
        running_service("--upstream", "live", **settings) as root,
        httpx.Client(base_url=root, timeout=10) as client,
    ):

        def ask_all() -> set[int]:
            return {client.get(path).status_code for path in paths * 5}

        healthy = ask_all()
        redis.kill()
        dead = ask_all()
        noticed = _wait_for(client, "down")
        redis.start()
        redis.pause()
        hanging = ask_all()
        redis.resume()
        again = ask_all()
        recovered = _wait_for(client, "up")

    assert healthy == dead == hanging == again == {200}
    assert noticed["status"] == "degraded"
    assert recovered["status"] == "healthy"


def _wait_for(client: httpx.Client, state: str) -> dict[str, Any]:
    """Ask /health until it has noticed how Redis is, for ten seconds at most."""
    for _ in range(100):
        health: dict[str, Any] = client.get("/health").json()
        if health["services"]["redis"] == state:
            return health
        time.sleep(0.1)
    raise AssertionError(f"/health never said that Redis is {state}: {health}")


def test_a_store_that_is_dead_at_the_start_only_degrades(sandbox: SandboxServer) -> None:
    settings = {**sandbox.base_urls(), "REDIS_URL": "redis://127.0.0.1:9"}
    with running_service("--upstream", "live", **settings) as root:
        reply = httpx.get(root + PATH, timeout=10)
        health = httpx.get(root + "/health").json()

    assert reply.status_code == 200
    assert (health["status"], health["services"]["redis"]) == ("degraded", "down")
