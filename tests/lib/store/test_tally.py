"""Counts that several processes share."""

import asyncio
from collections.abc import Mapping

import pytest

from lib.store.guarded import GuardedStore
from lib.store.redis import RedisStore
from lib.store.remote import RemoteStore
from lib.store.tally import BATCH, Tally
from tests.conftest import StillClock
from tests.servers import free_port

pytestmark = pytest.mark.anyio


class Counts:
    """Only the counting half of a store."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.ages_s: set[float] = set()
        self.calls = 0
        self.silent = False  # counts, but its replies get lost
        self.on_call = lambda: None

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        self.calls += 1
        self.ages_s.add(ttl_s)
        self.on_call()
        for key, amount in amounts.items():
            self.totals[key] = self.totals.get(key, 0) + amount
        await asyncio.sleep(0)
        return None if self.silent else {key: self.totals[key] for key in amounts}


@pytest.fixture
def counts() -> Counts:
    return Counts()


def tally_over(counts: object, clock: StillClock, most_callers: int = 1000) -> Tally:
    return Tally(counts, clock, most_callers)  # type: ignore[arg-type]


async def test_a_process_knows_its_own_at_once(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock)
    tally.count("a", 2)
    tally.count("a", 3)

    assert (tally.used("a"), tally.used("b")) == (5, 0)


async def test_after_a_sync_it_knows_the_others(counts: Counts, clock: StillClock) -> None:
    one, two = tally_over(counts, clock), tally_over(counts, clock)
    one.count("a", 2)
    two.count("a", 3)

    await one.sync()
    await two.sync()

    assert (one.used("a"), two.used("a")) == (2, 5)
    assert counts.totals == {"v1:limit:a:29400000": 5}


async def test_nothing_is_told_twice(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock)
    tally.count("a", 2)

    await asyncio.gather(tally.sync(), tally.sync())
    await tally.sync()

    assert (list(counts.totals.values()), counts.calls) == ([2], 1)


async def test_what_is_counted_during_a_sync_is_kept(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock)
    tally.count("a", 2)
    counts.on_call = lambda: tally.count("a", 7)

    await tally.sync()
    after_one = tally.used("a")
    counts.on_call = lambda: None
    await tally.sync()

    assert (after_one, tally.used("a"), list(counts.totals.values())) == (9, 9, [9])


async def test_a_new_minute_begins_at_nothing(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock)
    clock.advance(59.5)
    tally.count("a", 2)
    before = (tally.used("a"), tally.left_s())

    clock.advance(0.5)
    await tally.sync()

    assert before == (2, 1)
    assert (tally.used("a"), tally.left_s(), counts.calls) == (0, 60, 0)


async def test_a_minute_that_ends_during_a_sync_leaves_nothing_behind(
    counts: Counts, clock: StillClock
) -> None:
    tally = tally_over(counts, clock)
    for caller in range(BATCH + 1):
        tally.count(str(caller), 1)
    counts.on_call = lambda: clock.advance(60)

    await tally.sync()

    assert (tally.used("0"), tally.used(str(BATCH)), counts.calls) == (0, 0, 1)


async def test_counts_run_out_after_their_minute(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock)
    tally.count("a", 2)

    await tally.sync()

    assert counts.ages_s == {120}


async def test_many_callers_take_few_round_trips(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock, most_callers=10_000)
    for caller in range(1200):
        tally.count(str(caller), 1)

    await tally.sync()

    assert (counts.calls, len(counts.totals)) == (3, 1200)


async def test_a_lost_reply_never_makes_the_total_too_high(
    counts: Counts, clock: StillClock
) -> None:
    tally = tally_over(counts, clock)
    counts.silent = True
    tally.count("a", 2)
    await tally.sync()
    await tally.sync()
    counts.silent = False
    tally.count("a", 1)
    await tally.sync()

    assert (tally.used("a"), list(counts.totals.values())) == (3, [3])


async def test_memory_is_bounded(counts: Counts, clock: StillClock) -> None:
    tally = tally_over(counts, clock, most_callers=3)
    for caller in "abcde":
        tally.count(caller, 1)
    await tally.sync()
    for caller in "edcba":
        tally.count(caller, 1)

    assert [tally.used(caller) for caller in "abcde"] == [2, 2, 2, 0, 0]


async def test_it_works_over_a_real_store(
    store: RemoteStore, other_store: RemoteStore, clock: StillClock
) -> None:
    one, two = tally_over(store, clock), tally_over(other_store, clock)
    one.count("2001:db8::/64", 60)
    two.count("2001:db8::/64", 41)

    await one.sync()
    await two.sync()

    assert two.used("2001:db8::/64") == 101


async def test_without_a_store_it_counts_for_itself(clock: StillClock) -> None:
    store = RedisStore(f"redis://127.0.0.1:{free_port()}/0")
    tally = tally_over(GuardedStore(store, clock), clock)
    tally.count("a", 2)

    await tally.sync()
    await store.aclose()

    assert tally.used("a") == 2
