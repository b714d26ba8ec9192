"""Several processes as one while Redis hangs: what is on its way is neither lost nor late."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest

from functions import load_channels
from lib.clock import SystemClock
from lib.live.hub import Hub
from lib.live.keys import LIVE, SANDBOX, Keys
from lib.live.relay import PATIENCE_S, Relay
from lib.live.topics import Topic
from lib.live.updates import Item, Update
from lib.market import Pair
from tests.servers import RedisServer

TOPIC = Topic("trades", Pair("BTC", "USDT"))

pytestmark = pytest.mark.anyio


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


class Ear:
    """Remembers the bodies that it is told, in order."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.gaps = 0

    def take(self, updates: Sequence[Update]) -> None:
        self.gaps += sum(update.kind == "gap" for update in updates)
        self.heard += [update.text.partition(b'"data":')[2][:3] for update in updates]

    async def until(self, count: int) -> list[bytes]:
        """All that was heard once it is so much."""
        for _ in range(1000):
            if len(self.heard) >= count:
                break
            await asyncio.sleep(0.02)
        return self.heard


@asynccontextmanager
async def relaying(
    redis: RedisServer, keys: Keys = LIVE, *, leading: bool = True
) -> AsyncIterator[tuple[Relay, Ear]]:
    """A relay that leads a topic, or follows it, and somebody who listens to it."""
    clock = SystemClock()
    hub = Hub(load_channels(), clock)
    relay, ear = Relay(redis.url, hub, clock, keys), Ear()
    hub.join(ear, TOPIC)
    await relay.ready()
    relay.follow([TOPIC])
    tasks = [asyncio.create_task(one) for one in (hub.run(), relay.run())]
    await asyncio.sleep(0)  # a task that never began closes nothing
    for _ in range(1000):
        if relay.leads(TOPIC) or not leading:
            break
        await asyncio.sleep(0.02)
    try:
        yield relay, ear
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def item(number: int) -> Item:
    return Item(TOPIC, "data", b"%03d" % number, "binance")


async def test_what_is_on_its_way_when_redis_hangs_is_told_in_order(redis: RedisServer) -> None:
    async with relaying(redis) as (relay, ear):
        relay.publish([item(1)])
        await ear.until(1)

        redis.pause()
        for number in range(2, 8):
            relay.publish([item(number)])
            await asyncio.sleep(PATIENCE_S / 3)
        heard = await ear.until(7)
        redis.resume()

    assert heard == [b"%03d" % number for number in range(1, 8)]


async def test_the_sandbox_and_live_processes_do_not_hear_each_other(redis: RedisServer) -> None:
    async with relaying(redis, SANDBOX) as (played, own), relaying(redis) as (live, ear):
        assert played.leads(TOPIC)
        assert live.leads(TOPIC)
        played.publish([item(1)])
        await own.until(1)
        live.publish([item(2)])

        assert await ear.until(1) == [b"002"]
        assert own.heard == [b"001"]


async def test_whose_topic_another_leads_when_redis_is_back_is_told_of_a_gap(
    redis: RedisServer,
) -> None:
    async with relaying(redis) as (_, one), relaying(redis, leading=False) as (_, other):
        redis.kill()
        await asyncio.sleep(1)  # both notice, and lead for themselves
        redis.start()
        for _ in range(500):
            if one.gaps + other.gaps:
                break
            await asyncio.sleep(0.02)

    assert one.gaps + other.gaps == 1


async def test_what_is_said_while_redis_forgets_the_leases_is_told(redis: RedisServer) -> None:
    async with relaying(redis) as (relay, ear):
        for number in range(1, 31):
            if number % 10 == 0:
                redis.ask("FLUSHALL")
            relay.publish([item(number)])
            await asyncio.sleep(0.02)
        heard = await ear.until(30)

    assert heard == [b"%03d" % number for number in range(1, 31)]


async def test_what_a_leader_said_under_numbers_that_were_used_here_is_told_all_the_same(
    redis: RedisServer,
) -> None:
    async with relaying(redis) as (leader, _), relaying(redis, leading=False) as (follower, ear):
        follower._number([item(number) for number in range(1, 6)])  # it was alone for a while
        leader.publish([item(number) for number in range(4, 8)])
        heard = await ear.until(7)

    assert heard == [b"%03d" % number for number in range(1, 8)]


async def test_who_starts_later_can_replay_what_was_said_before(redis: RedisServer) -> None:
    async with relaying(redis) as (leader, ear):
        leader.publish([item(number) for number in range(1, 6)])
        await ear.until(5)
        said = leader._hub.replays["trades"]
        first = said.last - 4
        async with relaying(redis, leading=False) as (newcomer, _):
            missed = newcomer._hub.replays["trades"].since(first, {TOPIC}) or []
        kept = said.since(first, {TOPIC}) or []

    assert [update.text for update in missed] == [update.text for update in kept]
    assert len(missed) == 4
