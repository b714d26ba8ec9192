"""Callers are counted by the address that the gateway saw, by all instances together."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
from mangum import Mangum

from adapters.asgi import create_app
from adapters.aws_lambda import Enveloped, InStep, LambdaHandler
from lib.runtime import build_runtime
from lib.settings import Settings
from rehearsal.events import http_event
from tests.adapters.aws_lambda.echo import ENDPOINTS, nobody
from tests.conftest import StillClock
from tests.lib.fakes import FakeStore


def test_callers_are_told_apart_by_the_address_that_the_gateway_saw() -> None:
    runtime = build_runtime(
        Settings.load({"RATE_LIMIT_IP": "1"}),
        transport=httpx.MockTransport(nobody),
        names=["binance"],
    )
    handler = LambdaHandler(
        lambda: Mangum(Enveloped(create_app(ENDPOINTS, runtime)), lifespan="off")
    )

    def ask(ip: str) -> int:
        forged = {"x-forwarded-for": "198.51.100.9"}
        status: int = handler(http_event("GET", "/api/echo", headers=forged, source_ip=ip), None)[
            "statusCode"
        ]
        return status

    assert [ask("203.0.113.1"), ask("203.0.113.1"), ask("203.0.113.2")] == [200, 429, 200]


class CountingStore(FakeStore):
    """A store that counts as the real ones do."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        self.counts.update(amounts)
        return {key: self.counts[key] for key in amounts}


def test_instances_that_share_a_store_share_a_callers_limit(clock: StillClock) -> None:
    store = CountingStore()

    def instance() -> LambdaHandler:
        runtime = build_runtime(
            Settings.load({"RATE_LIMIT_IP": "4"}),
            transport=httpx.MockTransport(nobody),
            names=["binance"],
            store=store,
            clock=clock,
        )
        runtime.limiter.share(store)
        app = InStep(create_app(ENDPOINTS, runtime), runtime.limiter.sync, clock.monotonic)
        return LambdaHandler(lambda: Mangum(Enveloped(app), lifespan="off"))

    first, second = instance(), instance()

    def ask(handler: LambdaHandler) -> int:
        clock.advance(1)
        status: int = handler(http_event("GET", "/api/echo"), None)["statusCode"]
        return status

    asked = [ask(first), ask(second), ask(first), ask(second), ask(first), ask(second)]

    assert asked[:4] == [200, 200, 200, 200]
    assert ask(first) == ask(second) == 429


def test_counts_are_exchanged_at_most_once_a_second(clock: StillClock) -> None:
    exchanged = []

    async def sync() -> None:
        exchanged.append(clock.monotonic())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    handler = LambdaHandler(lambda: Mangum(InStep(app, sync, clock.monotonic), lifespan="off"))
    for _ in range(4):
        handler(http_event("GET", "/"), None)
        clock.advance(0.6)

    assert exchanged == [1000.0, 1001.2]
