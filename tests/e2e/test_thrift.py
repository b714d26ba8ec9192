"""How little is asked of upstreams: one call serves all who want the same at the same time."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from adapters.asgi import create_app
from functions import load_endpoints
from lib.runtime import build_runtime, load_providers
from lib.sandbox import SandboxServer
from lib.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=3) as server:
        yield server


@pytest.fixture
async def client(sandbox: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A cold service over the sandbox."""
    sandbox.faults.clear()
    sandbox.app.state.calls.clear()
    root = f"http://127.0.0.1:{sandbox.port}"
    settings = Settings(
        base_urls={name: f"{root}/{name}" for name in load_providers()}, rate_limit_ip=0
    )
    runtime = build_runtime(
        settings,
        transport=httpx.AsyncHTTPTransport(),
        hedge_s=2.0,  # a slow machine must not look like a slow source
    )
    transport = httpx.ASGITransport(create_app(load_endpoints(), runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    await runtime.aclose()


def calls(sandbox: SandboxServer) -> int:
    """Requests that any provider has received."""
    return sum(n for path, n in sandbox.app.state.calls.items() if "/" not in path)


@pytest.mark.parametrize(
    "path",
    [
        "/api/price/BTC",
        "/api/ohlcv?symbol=ETH&timeframe=1h",
        "/api/orderbook/BTC",
        "/api/exchange-info",
    ],
)
async def test_500_cold_requests_for_one_key_are_one_upstream_call(
    path: str, sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    replies = await asyncio.gather(*(client.get(path) for _ in range(500)))

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert calls(sandbox) == 1


async def test_prices_of_50_symbols_are_at_most_two_upstream_calls(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    rules = (await client.get("/api/exchange-info?quote=USDT&active=true")).json()["symbols"]
    sandbox.app.state.calls.clear()

    replies = [await client.get(f"/api/price/{rule['base']}") for rule in rules[:50]]

    assert [reply.status_code for reply in replies] == [200] * 50
    assert calls(sandbox) <= 2


async def test_market_price_and_ticker_share_their_calls(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    market, price, ticker = [
        (await client.get(path)).json()
        for path in ("/api/market?symbols=BTC", "/api/price/BTC", "/api/ticker/BTC")
    ]

    assert sandbox.app.state.calls["binance"] == 1
    assert market["items"][0]["price"] == price["price"] == ticker["last"]
    assert market["meta"]["as_of"] == price["meta"]["as_of"] == ticker["meta"]["as_of"]


async def test_the_running_candle_closes_at_the_price(client: httpx.AsyncClient) -> None:
    for timeframe in ("1m", "1h", "1d"):
        price = (await client.get("/api/price/BTC")).json()

        candles = (await client.get(f"/api/ohlcv?symbol=BTC&timeframe={timeframe}")).json()

        assert candles["data"][-1]["closed"] is False
        assert candles["data"][-1]["c"] == price["price"]
        assert candles["meta"]["as_of"] == price["meta"]["as_of"]


async def test_made_up_symbols_do_not_use_up_the_sources(
    sandbox: SandboxServer, client: httpx.AsyncClient
) -> None:
    for number in range(60):
        reply = await client.get(f"/api/orderbook/JUNK{number}")
        assert reply.status_code == 404, reply.text

    assert calls(sandbox) <= 5 * 5 + 4
    assert (await client.get("/api/orderbook/BTC")).status_code == 200
