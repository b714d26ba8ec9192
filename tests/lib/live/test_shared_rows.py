"""What one process streams, another answers from, as old as it was there."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from lib.feeds import TICKERS
from lib.live.keys import LIVE, SANDBOX, Keys
from lib.live.shared_rows import SharedRows
from lib.market import Pair, Ticker
from lib.queries import PairQuery
from lib.runtime import Runtime, build_runtime, load_providers
from lib.sandbox import SandboxServer
from lib.settings import Settings
from tests.lib.live.watchtower import Watchtower
from tests.servers import RedisServer

pytestmark = pytest.mark.anyio

AT_MS = 1_764_000_000_000
BTC = Ticker(Pair("BTC", "USDT"), 90_000.0, AT_MS - 500, bid=89_999.0, high=91_000.0)
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


class Process:
    """One of several; what it was given by the others."""

    def __init__(self, redis: RedisServer, keys: Keys = LIVE) -> None:
        self.kept: list[tuple[str, Mapping[str, Ticker], int]] = []
        self._news = asyncio.Event()
        self.rows = SharedRows(redis.url, self._keep, keys)

    def _keep(self, venue: str, rows: Mapping[str, Ticker], at_ms: int) -> None:
        self.kept.append((venue, rows, at_ms))
        self._news.set()

    async def until_given(self, other: "Process", **rows: Ticker) -> None:
        """Let the other share again and again, as it does each second, until it comes."""
        async with asyncio.timeout(30):
            while not self.kept:
                other.rows.share("binance", rows, AT_MS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.05)


@asynccontextmanager
async def running(*made: SharedRows) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in made]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_others_are_given_rows_as_they_were_and_when_they_were(
    redis: RedisServer,
) -> None:
    one, other = Process(redis), Process(redis)
    async with running(one.rows, other.rows):
        await other.until_given(one, BTC=BTC)

    assert other.kept[0] == ("binance", {"BTC": BTC}, AT_MS)
    assert one.kept == []


async def test_what_the_sandbox_made_up_reaches_no_live_process(redis: RedisServer) -> None:
    played, live, alike = Process(redis, SANDBOX), Process(redis), Process(redis, SANDBOX)
    async with running(played.rows, live.rows, alike.rows):
        await alike.until_given(played, BTC=BTC)

    assert live.kept == []


async def test_rows_go_round_again_once_redis_is_back() -> None:
    with RedisServer() as redis:
        one, other = Process(redis), Process(redis)
        async with running(one.rows, other.rows):
            await other.until_given(one, BTC=BTC)
            redis.kill()
            other.kept.clear()
            redis.start()
            await other.until_given(one, BTC=BTC)


def follower() -> Runtime:
    """A process whose every upstream is out of reach."""
    return build_runtime(Settings(base_urls=dict.fromkeys(load_providers(), NOBODY)))


async def test_a_process_without_a_stream_answers_what_another_streams(redis: RedisServer) -> None:
    asked = PairQuery(Pair("BTC", "USDT"))
    runtime = follower()
    given = SharedRows(redis.url, partial(runtime.highway.put_rows, TICKERS))
    own = SharedRows(redis.url, lambda *_: None)
    with SandboxServer(seed=5) as sandbox:
        watchtower = Watchtower(sandbox, share=own.share)
        async with watchtower.running(), running(given, own):
            watchtower.follow("ticker:BTC/USDT")
            for _ in range(1000):
                told = runtime.highway.shelf.said(TICKERS, "binance", asked)
                if told:
                    break
                await asyncio.sleep(0.02)
            there = watchtower.runtime.highway.shelf.said(TICKERS, "binance", asked)
            found = await runtime.highway.fetch(TICKERS, asked)
    await runtime.aclose()

    assert told
    assert there
    assert told.fetched_ms <= there.fetched_ms
    assert (found.source, found.value.bid is not None, found.tried) == ("binance", True, ())
