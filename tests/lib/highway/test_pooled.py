"""Behaviour of quotas that processes spend together."""

from collections import Counter
from collections.abc import Mapping

import pytest

from lib.highway.pooled import PooledQuotas
from lib.highway.quota import Limit, Quota
from tests.conftest import StillClock
from tests.lib.fakes import FakeStore

pytestmark = pytest.mark.anyio

MONTH_S = 30 * 86400.0


class CountingStore(FakeStore):
    """A store that counts as the real ones do."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.asked = 0
        self.down = False

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        self.asked += 1
        if self.down:
            return None
        self.counts.update(amounts)
        return {key: self.counts[key] for key in amounts}


class Process:
    """One of several, with a quota of its own."""

    def __init__(self, store: CountingStore, clock: StillClock, limit: Limit) -> None:
        self.quota = Quota([limit], clock)
        self._pool = PooledQuotas({"alpha": self.quota}, store, clock)

    async def spend(self, units: int) -> int:
        """Spend, exchange, and tell what is left."""
        for _ in range(units):
            self.quota.spend(1)
        await self._pool.sync()
        left = self.quota.left
        assert left is not None
        return left


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


async def test_what_others_spent_is_gone_here_too(store: CountingStore, clock: StillClock) -> None:
    one, other = (Process(store, clock, Limit(9000, MONTH_S)) for _ in range(2))

    assert await one.spend(100) == 200
    assert await other.spend(50) == 150
    assert await one.spend(1) == 149


async def test_one_call_more_than_the_day_allows_is_refused_everywhere(
    store: CountingStore, clock: StillClock
) -> None:
    processes = [Process(store, clock, Limit(9000, MONTH_S)) for _ in range(4)]
    spent = 0
    for _ in range(400):
        for process in processes:
            spent += process.quota.spend(1)
            await process.spend(0)

    # each process may spend once what it has not yet heard of
    assert 300 <= spent <= 300 + len(processes)


async def test_a_minutes_limit_does_not_remember_what_was_before_this_process(
    store: CountingStore, clock: StillClock
) -> None:
    one, other = (Process(store, clock, Limit(60, 60)) for _ in range(2))
    await one.spend(50)

    assert await other.spend(1) == 59
    await one.spend(5)
    assert await other.spend(1) == 53


async def test_nothing_is_asked_while_nothing_is_spent(
    store: CountingStore, clock: StillClock
) -> None:
    process = Process(store, clock, Limit(60, 60))

    await process.spend(0)

    assert store.asked == 0


async def test_a_store_that_forgot_gives_nothing_back(
    store: CountingStore, clock: StillClock
) -> None:
    process = Process(store, clock, Limit(9000, MONTH_S))
    await process.spend(100)
    store.counts.clear()

    assert await process.spend(1) == 199


async def test_without_the_store_each_counts_alone(store: CountingStore, clock: StillClock) -> None:
    store.down = True
    one, other = (Process(store, clock, Limit(60, 60)) for _ in range(2))

    assert [await one.spend(10), await other.spend(10)] == [50, 50]


async def test_a_new_day_is_counted_anew(store: CountingStore, clock: StillClock) -> None:
    one, other = (Process(store, clock, Limit(9000, MONTH_S)) for _ in range(2))
    await one.spend(100)
    await other.spend(1)
    clock.advance(86400)

    assert await other.spend(1) == 299
