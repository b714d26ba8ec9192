"""Several processes that ask Hugging Face, with one store."""

import anyio
import httpx
import pytest

from lib.errors import CircuitOpen, SourceError, SourceUnavailable
from lib.store.guarded import GuardedStore
from lib.wire.hf_spend import Spend
from tests.conftest import StillClock
from tests.lib.fakes import DownStore, FakeStore
from tests.lib.providers.hf_server import serving
from tests.lib.providers.huggingface.endpoint import DOWN, READ_DOWN, READ_UP, TEXTS, UP, remote

pytestmark = pytest.mark.anyio


async def test_what_one_process_found_cold_no_other_asks(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.status = 503
        first, other, new = (remote(client, clock, endpoint.url, store=store) for _ in range(3))

        with pytest.raises(SourceUnavailable, match="endpoint_cold"):
            await first.judged(TEXTS)
        for process in (first, other, new):
            with pytest.raises(CircuitOpen, match="endpoint_cold"):
                await process.judged(TEXTS)
        asked = len(endpoint.asked)
        clock.advance(30.1)
        endpoint.answers([UP, DOWN])
        await other.judged(TEXTS)

    assert (asked, len(endpoint.asked)) == (1, 2)


async def test_a_process_that_was_well_learns_that_another_failed(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        first, other = (remote(client, clock, endpoint.url, store=store) for _ in range(2))
        endpoint.answers([UP, DOWN])
        await first.judged(TEXTS)
        endpoint.status = 503
        with pytest.raises(SourceUnavailable):
            await other.judged(TEXTS)

        with pytest.raises(CircuitOpen, match="endpoint_cold"):
            await first.judged(TEXTS)

    assert len(endpoint.asked) == 2


async def test_while_one_process_finds_out_no_other_asks(clock: StillClock) -> None:
    store = FakeStore()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers([UP, DOWN])
        endpoint.delay_s = 0.05
        outcomes = []

        async def ask() -> None:
            try:
                await remote(client, clock, endpoint.url, store=store).judged(TEXTS)
                outcomes.append("ok")
            except SourceError as error:
                outcomes.append(error.outcome)

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(ask)

    assert sorted(outcomes) == ["circuit_open"] * 4 + ["ok"]
    assert len(endpoint.asked) == 1
    assert store.claims == {}


async def test_a_store_that_is_down_changes_nothing(clock: StillClock) -> None:
    store = GuardedStore(DownStore(), clock)
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers([UP, DOWN])
        found = await remote(client, clock, endpoint.url, store=store).judged(TEXTS)

    assert found.rows == (READ_UP, READ_DOWN)


class CountingStore(FakeStore):
    """A store that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    async def add(self, key: str, amount: int, ttl_s: float) -> int:
        self.counts[key] = self.counts.get(key, 0) + amount
        return self.counts[key]


async def test_several_processes_spend_one_budget(clock: StillClock) -> None:
    store = CountingStore()
    first, other = (Spend(clock, 0.1, store) for _ in range(2))

    await first.add(500)
    await other.add(400)

    assert not await other.affords()
    assert not await Spend(clock, 0.1, store).affords()  # nor does a restart forget
    assert await Spend(clock, 0.2, store).affords()
