"""Each market endpoint with each source failing in each manner: the next source answers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from adapters.asgi import create_app
from functions import load_endpoints
from lib.feeds import BOOKS, CANDLES, EXCHANGES, GLOBALS, LISTINGS, TICKERS, TRADES, Feed
from lib.runtime import build_runtime, load_providers
from lib.sandbox import PROVIDERS, SandboxServer
from lib.settings import Settings

pytestmark = pytest.mark.anyio

FAULTS = {
    "refuse": "unavailable",
    "hang": "timeout",
    "429": "throttled",
    "429:7": "throttled",
    "418": "throttled",
    "451": "geo_blocked",
    "403": "geo_blocked",
    "500": "unavailable",
    "truncated": "malformed",
    "html": "malformed",
    "shape": "malformed",
    "empty": "malformed",
    "zero": "malformed",
    "nan": "malformed",
}
"""Every manner of failing, and the word for it in `sources_tried`."""

ENDPOINTS: dict[str, tuple[str, Feed[Any, Any]]] = {
    "price": ("/api/price/BTC", TICKERS),
    "ticker": ("/api/ticker/BTC", TICKERS),
    "ohlcv": ("/api/ohlcv?symbol=BTC&timeframe=1h&limit=50", CANDLES),
    "orderbook": ("/api/orderbook/BTC", BOOKS),
    "trades": ("/api/trades/BTC", TRADES),
    "market": ("/api/market?limit=20", LISTINGS),
    "exchange-info": ("/api/exchange-info", EXCHANGES),
    "stats": ("/api/stats", GLOBALS),
    "dominance": ("/api/stats/dominance", GLOBALS),
}

CASES = [
    (name, source, fault)
    for name, (_, feed) in ENDPOINTS.items()
    for source in (feed.sources[:-2] if feed is CANDLES else feed.sources[:-1])
    for fault in FAULTS
    if not (feed is EXCHANGES and fault in ("zero", "nan"))
]
"""Without: the last source, after which nobody comes (CoinGecko has no 1h candles), and faults of
prices where there are none."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7) as server:
        yield server


@pytest.fixture
async def client(sandbox: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A cold service over the sandbox, with a short hedge so that hanging costs little."""
    sandbox.faults.clear()
    root = f"http://127.0.0.1:{sandbox.port}"
    settings = Settings(
        base_urls={name: f"{root}/{name}" for name in load_providers()}, rate_limit_ip=0
    )
    runtime = build_runtime(settings, transport=httpx.AsyncHTTPTransport(), hedge_s=0.15)
    app = create_app(load_endpoints(), runtime)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    await runtime.aclose()


@pytest.mark.parametrize(("name", "source", "fault"), CASES)
async def test_the_next_source_answers(
    name: str, source: str, fault: str, sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    path, feed = ENDPOINTS[name]
    before = feed.sources[: feed.sources.index(source)]
    for earlier in before:
        sandbox.faults.set(earlier, "500")
    sandbox.faults.set(source, fault)

    reply = await client.get(path)

    assert reply.status_code == 200, reply.text
    tried = {}
    for attempt in reply.json()["meta"]["sources_tried"]:
        tried.setdefault(attempt["source"], attempt["outcome"])
    assert tried[source] == FAULTS[fault]
    assert set(reply.headers["x-source"].split(",")) - {source, *before}


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_all_down_and_cold_is_a_503_with_every_reason(
    name: str, sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    path, feed = ENDPOINTS[name]
    for source in feed.sources:
        sandbox.faults.set(source, "500")

    reply = await client.get(path)

    assert reply.status_code == 503
    error = reply.json()["error"]
    assert error["code"] == "UPSTREAM_UNAVAILABLE"
    assert set(error["details"]["sources"]) == set(feed.sources)


@pytest.mark.parametrize("name", ENDPOINTS)
async def test_all_down_after_a_good_answer_serves_what_was_kept(
    name: str, sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    path, feed = ENDPOINTS[name]
    good = (await client.get(path)).json()
    for source in PROVIDERS:
        sandbox.faults.set(source, "500")
    app: Any = client._transport.app  # type: ignore[attr-defined]  # the app under test
    # the market's fast part is kept for less time than its slow part is fresh
    _grow_old(app, TICKERS.keep_s - 60 if name == "market" else feed.stale_s + 1)

    reply = await client.get(path)
    for _ in range(100):  # what is not too old yet is refreshed in the background, in vain
        if reply.json()["meta"]["degraded"]:
            break
        await asyncio.sleep(0.05)
        app._pantry.clear()
        reply = await client.get(path)

    assert reply.status_code == 200
    assert reply.headers["x-cache"] == "stale"
    kept = reply.json()
    assert kept["meta"]["degraded"] is True
    assert kept["meta"]["as_of"] == good["meta"]["as_of"]
    assert {k: v for k, v in kept.items() if k != "meta"} == {
        k: v for k, v in good.items() if k != "meta"
    }


def _grow_old(app: Any, seconds: float) -> None:
    """Let the app's clock run ahead."""
    clock = app._clock
    real = clock.now_ms
    clock.now_ms = lambda: real() + round(seconds * 1000)
