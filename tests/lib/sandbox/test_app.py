"""The app as a whole: time, counting, base URLs, and the same bytes everywhere."""

import hashlib
import subprocess
import sys
from email.utils import parsedate_to_datetime

import httpx
import pytest
from starlette.testclient import TestClient

from lib.sandbox import PROVIDERS, SandboxClock, SandboxServer, create_sandbox
from tests.lib.sandbox.conftest import NOW_MS

PATHS = [
    "/binance/api/v3/ticker/24hr",
    "/binance/api/v3/klines?symbol=ETHUSDT&interval=15m&limit=1000",
    "/binance/api/v3/depth?symbol=ETHUSDT&limit=500",
    "/kraken/0/public/Trades?pair=XBTEUR",
    "/kucoin/api/v1/market/allTickers",
    "/okx/api/v5/market/tickers?instType=SPOT",
    "/coinbase/products/SOL-USD/candles?granularity=3600",
    "/coingecko/coins/markets?vs_currency=usd&price_change_percentage=7d",
    "/coinmarketcap/public-api/v1/global-metrics/quotes/latest",
    "/coinpaprika/v1/tickers",
]


def digest(seed: int) -> str:
    """One hash over many answers."""
    client = TestClient(create_sandbox(seed, SandboxClock(fixed_ms=NOW_MS)))
    whole = hashlib.sha256()
    for path in PATHS:
        response = client.get(path)
        assert response.status_code == 200, path
        whole.update(response.content)
    return whole.hexdigest()


def test_two_processes_give_the_same_bytes() -> None:
    program = f"from tests.lib.sandbox.test_app import digest; print(digest({1}))"

    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert other.stdout.strip() == digest(1)


def test_another_seed_gives_other_bytes() -> None:
    assert digest(1) != digest(2)


def test_answers_are_dated_by_the_sandboxs_clock(sandbox: TestClient) -> None:
    response = sandbox.get("/binance/api/v3/time")

    assert response.json() == {"serverTime": NOW_MS}
    assert parsedate_to_datetime(response.headers["date"]).timestamp() == NOW_MS // 1000


def test_the_price_moves_when_the_clock_does() -> None:
    clock = SandboxClock(fixed_ms=NOW_MS)
    client = TestClient(create_sandbox(1, clock))
    seen = set()

    for _ in range(10):
        seen.add(client.get("/binance/api/v3/ticker/price?symbol=BTCUSDT").json()["price"])
        clock.advance(1)

    assert len(seen) > 5


def test_requests_are_counted_by_provider_and_by_path() -> None:
    app = create_sandbox(1, SandboxClock(fixed_ms=NOW_MS))
    client = TestClient(app)

    client.get("/binance/api/v3/time")
    client.get("/binance/api/v3/depth?symbol=BTCUSDT")
    client.get("/kraken/0/public/Time")

    assert app.state.calls == {
        "binance": 2,
        "kraken": 1,
        "/binance/api/v3/time": 1,
        "/binance/api/v3/depth": 1,
        "/kraken/0/public/Time": 1,
    }


def test_a_base_url_may_leave_the_version_out_or_hold_it(sandbox: TestClient) -> None:
    for path in ("/coingecko/ping", "/coingecko/api/v3/ping", "/coinpaprika/v1/global"):
        assert sandbox.get(path).status_code == 200


def test_the_server_says_where_each_provider_is() -> None:
    with SandboxServer(clock=SandboxClock(fixed_ms=NOW_MS)) as server:
        urls = server.base_urls()
        answer = httpx.get(f"{urls['BINANCE_BASE_URL']}/api/v3/time").json()

    assert answer == {"serverTime": NOW_MS}
    assert urls.keys() == {f"{name.upper()}_BASE_URL" for name in PROVIDERS}


def test_the_server_closes_its_port() -> None:
    with SandboxServer() as server:
        url = f"{server.base_urls()['KRAKEN_BASE_URL']}/0/public/Time"
        assert httpx.get(url).status_code == 200

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
