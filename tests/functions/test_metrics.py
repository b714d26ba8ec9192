"""GET /metrics."""

from hashlib import sha256

from adapters.metrics import Metrics
from tests.house import House

KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}


async def test_counters_are_given_as_plain_text() -> None:
    async with House(settings=KEYS, metrics=lambda: b"up 1\n") as house:
        answer = await house.get("/metrics", authorization=f"Bearer {KEY}")

    assert (answer.status, answer.body) == (200, b"up 1\n")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


async def test_the_names_that_dashboards_rely_on_are_there() -> None:
    metrics = Metrics()
    async with House(settings=KEYS, metrics=metrics.exposition) as house:
        metrics.runtime = house.runtime
        house.app._counted = metrics.counted
        await house.get("/nowhere")
        answer = await house.get("/metrics", authorization=f"Bearer {KEY}")

    text = answer.body.decode()
    assert 'http_requests_total{cache="none",endpoint="none",status="404"} 1.0' in text
    assert 'breaker_state{source="binance"} 0.0' in text
    assert "quota_left{" in text
    assert "# TYPE upstream_seconds histogram" in text
    assert "# TYPE upstream_requests_total counter" in text
