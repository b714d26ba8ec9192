"""Several instances of a function on one Upstash: what they share, in how many round trips."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from adapters.aws_lambda import LambdaHandler, host
from functions import price
from lib.feeds import TICKERS
from lib.providers.binance import Binance
from lib.runtime import build_runtime
from lib.settings import Settings
from lib.store.guarded import GuardedStore
from lib.store.riding import RidingStore
from lib.store.upstash import UpstashStore
from rehearsal.events import http_event
from tests.conftest import StillClock
from tests.lib.store.conftest import PATIENT_S
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

BTC = http_event("GET", "/api/price/BTC/USDT")


class Exchange:
    """The one upstream that works; the others are down."""

    def __init__(self, clock: StillClock) -> None:
        self._clock = clock
        self.asked: list[str] = []
        self.wait_s = 0.0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/api/v3/ticker/24hr":
            raise httpx.ConnectError("no network here", request=request)
        self.asked.append(str(request.url))
        await asyncio.sleep(self.wait_s)
        row = {
            "symbol": "BTCUSDT",
            "lastPrice": "64000.5",
            "priceChangePercent": "1.5",
            "highPrice": "65000",
            "lowPrice": "63000",
            "volume": "10",
            "quoteVolume": "640000",
            "closeTime": self._clock.now_ms(),
        }
        return httpx.Response(200, json=[row])


class Instance:
    """A function's process: a thread with a loop of its own, one event at a time."""

    def __init__(
        self, rest: UpstashRest, exchange: Exchange, clock: StillClock, environ: Mapping[str, str]
    ) -> None:
        self._thread = ThreadPoolExecutor(1, initializer=_begin_loop)
        remote = RidingStore(UpstashStore(rest.url, rest.token, PATIENT_S), PATIENT_S)
        store = GuardedStore(remote, clock)
        self._runtime = build_runtime(
            Settings.load({"RATE_LIMIT_IP": "0", **environ}),
            transport=httpx.MockTransport(exchange),
            store=store,
            clock=clock,
            names=["binance"],
            inline=True,
        )
        self._handler = LambdaHandler(lambda: host(price.endpoints, self._runtime))

    def start(self, event: dict[str, Any] = BTC) -> "Future[dict[str, Any]]":
        """Hand it an event."""
        return self._thread.submit(self._handler, event, None)

    def ask(self, event: dict[str, Any] = BTC) -> dict[str, Any]:
        """Its answer to an event."""
        return self.start(event).result()

    def close(self) -> None:
        """End it."""
        self._thread.submit(self._end).result()
        self._thread.shutdown()

    def _end(self) -> None:
        loop = asyncio.get_event_loop()
        loop.run_until_complete(self._runtime.aclose())
        loop.close()


def _begin_loop() -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())


@pytest.fixture
def exchange(clock: StillClock) -> Exchange:
    return Exchange(clock)


Begin = Callable[..., Instance]


@pytest.fixture
def begin(rest: UpstashRest, exchange: Exchange, clock: StillClock) -> Iterator[Begin]:
    """Begins another instance of the function."""
    with ExitStack() as stack:

        def make(**environ: str) -> Instance:
            instance = Instance(rest, exchange, clock, environ)
            stack.callback(instance.close)
            return instance

        yield make


def trips(rest: UpstashRest) -> list[str]:
    """The paths of the store's round trips so far."""
    return [path for path, _ in rest.requests]


def body(answer: dict[str, Any]) -> Any:
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])


def test_what_one_instance_fetched_another_reads_in_one_round_trip(
    begin: Begin, rest: UpstashRest, exchange: Exchange
) -> None:
    first, second = begin(), begin()
    fetched = body(first.ask())
    rest.requests.clear()

    assert body(second.ask()) == fetched
    assert len(trips(rest)) == 1
    assert len(exchange.asked) == 1


def test_counts_of_callers_travel_with_the_look(begin: Begin, rest: UpstashRest) -> None:
    first, second = (begin(RATE_LIMIT_IP="100") for _ in range(2))
    first.ask()
    rest.requests.clear()

    second.ask()

    assert trips(rest) == ["/pipeline"]


def test_what_is_at_hand_costs_no_round_trip(begin: Begin, rest: UpstashRest) -> None:
    instance = begin()
    instance.ask()
    rest.requests.clear()

    instance.ask()

    assert trips(rest) == []


def test_a_miss_ends_in_one_pipeline(begin: Begin, rest: UpstashRest) -> None:
    begin().ask()

    assert len(trips(rest)) == MISS_TRIPS
    assert trips(rest)[-1] == "/pipeline"


MISS_TRIPS = 3
"""A look, a claim that looks again, and the value with the claim's end."""


def test_two_instances_at_the_same_moment_make_one_upstream_call(
    begin: Begin, exchange: Exchange
) -> None:
    first, second = begin(), begin()
    exchange.wait_s = 0.2

    answers = [started.result() for started in (first.start(), second.start())]

    assert body(answers[0]) == body(answers[1])
    assert len(exchange.asked) == 1


def test_a_callers_limit_holds_over_all_instances(begin: Begin, clock: StillClock) -> None:
    first, second = (begin(RATE_LIMIT_IP="3") for _ in range(2))
    for _ in range(3):
        assert first.ask()["statusCode"] == 200
        clock.advance(1)

    # its first request is let through and tells it what the others know
    asked = [second.ask()["statusCode"] for _ in range(2)]

    assert asked == [200, 429]


def test_counts_cost_no_round_trip_within_a_second(begin: Begin, rest: UpstashRest) -> None:
    instance = begin(RATE_LIMIT_IP="100")
    instance.ask()
    rest.requests.clear()

    for _ in range(5):
        instance.ask()

    assert trips(rest) == []


def test_what_instances_ask_of_a_source_is_counted_together(
    begin: Begin, redis_server: RedisServer, exchange: Exchange, clock: StillClock
) -> None:
    for instance in (begin(), begin()):
        instance.ask()
        clock.advance(6)  # the value is old, and counts are due
        instance.ask()
        clock.advance(1)
        instance.ask()
    day = clock.now_ms() // 86_400_000

    told = redis_server.ask("GET", f"v1:spent:binance:{day}")

    weight = next(w for feed, w, _ in [Binance.tickers.served] if feed is TICKERS)
    assert told.split(b"\r\n")[1] == b"%d" % (weight * len(exchange.asked))
