"""A store that fails is a store that is empty."""

import asyncio
import logging
from collections.abc import Mapping

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lib.store import BadEntry, Claim
from lib.store.guarded import GuardedStore
from tests.conftest import StillClock

pytestmark = pytest.mark.anyio


class FakeStore:
    """A store that raises what it is told to, and counts how often it is asked."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.asked = 0
        self.kept: dict[str, bytes] = {}
        self.gate: asyncio.Event | None = None

    async def _meet(self) -> None:
        self.asked += 1
        fault = self.fault
        if self.gate is not None:
            await self.gate.wait()
        if fault is not None:
            raise fault

    async def get(self, key: str) -> bytes | None:
        await self._meet()
        return self.kept.get(key)

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._meet()
        self.kept[key] = value

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        await self._meet()
        return Claim(False, self.kept.get(value_key))

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        await self.put(key, value, ttl_s)

    async def release(self, key: str) -> None:
        await self._meet()

    async def add(self, key: str, amount: int, ttl_s: float) -> int | None:
        await self._meet()
        return amount

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        await self._meet()
        return dict(amounts)

    async def aclose(self) -> None:
        await self._meet()


@pytest.fixture
def inner() -> FakeStore:
    return FakeStore()


@pytest.fixture
def guarded(inner: FakeStore, clock: StillClock) -> GuardedStore:
    return GuardedStore(inner, clock, rest_s=5.0)


async def test_a_well_store_answers_for_itself(guarded: GuardedStore) -> None:
    await guarded.settle("k", b"1", 60, "c")

    assert await guarded.get("k") == b"1"
    assert await guarded.claim("c", 60, "k") == (False, b"1")
    assert await guarded.add("n", 2, 60) == 2
    assert await guarded.add_all({"n": 3}, 60) == {"n": 3}
    assert (guarded.state, guarded.last_error) == ("up", None)


@pytest.mark.parametrize(
    "fault",
    [TimeoutError(), ConnectionError(), OSError(), ValueError(), TypeError(), AttributeError()],
    ids=lambda fault: type(fault).__name__,
)
async def test_every_failure_is_a_miss(
    guarded: GuardedStore, inner: FakeStore, clock: StillClock, fault: Exception
) -> None:
    inner.fault = fault
    answers = []

    for call in (
        guarded.get("k"),
        guarded.put("k", b"1", 60),
        guarded.claim("c", 60, "value"),
        guarded.settle("k", b"1", 60, "c"),
        guarded.release("c"),
        guarded.add("n", 1, 60),
        guarded.add_all({"n": 1}, 60),
    ):
        answers.append(await call)
        clock.advance(6)

    assert answers == [None, None, (True, None), None, None, None, None]
    assert inner.asked == 7
    assert (guarded.state, guarded.last_error) == ("down", type(fault).__name__)


async def test_a_store_that_failed_is_left_alone(
    guarded: GuardedStore, inner: FakeStore, clock: StillClock
) -> None:
    inner.fault = TimeoutError()
    await guarded.get("k")
    clock.advance(4.9)

    answers = [
        await guarded.get("k"),
        await guarded.claim("c", 60, "value"),
        await guarded.add("n", 1, 60),
    ]

    assert answers == [None, (True, None), None]
    assert inner.asked == 1


async def test_after_its_rest_one_call_tries_it_and_the_others_miss(
    guarded: GuardedStore, inner: FakeStore, clock: StillClock
) -> None:
    inner.kept["k"] = b"1"
    inner.fault = TimeoutError()
    await guarded.get("k")
    inner.fault = None
    inner.gate = asyncio.Event()
    clock.advance(5)

    trial = asyncio.create_task(guarded.get("k"))
    await asyncio.sleep(0)
    others = [await guarded.get("k") for _ in range(3)]
    inner.gate.set()

    assert others == [None, None, None]
    assert await trial == b"1"
    assert inner.asked == 2
    assert guarded.state == "up"


async def test_a_failed_trial_rests_it_again(
    guarded: GuardedStore, inner: FakeStore, clock: StillClock
) -> None:
    inner.fault = TimeoutError()
    await guarded.get("k")
    clock.advance(5)
    await guarded.get("k")
    clock.advance(4.9)

    await guarded.get("k")

    assert inner.asked == 2


async def test_a_trial_whose_caller_left_is_followed_by_another(
    guarded: GuardedStore, inner: FakeStore, clock: StillClock
) -> None:
    inner.fault = TimeoutError()
    await guarded.get("k")
    inner.fault = None
    inner.gate = asyncio.Event()
    clock.advance(5)

    trial = asyncio.create_task(guarded.put("k", b"1", 60))
    await asyncio.sleep(0)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    inner.gate.set()
    await guarded.put("k", b"2", 60)

    assert (guarded.state, inner.kept) == ("up", {"k": b"2"})


async def test_what_left_before_the_failure_proves_nothing_after_it(
    guarded: GuardedStore, inner: FakeStore
) -> None:
    inner.kept["k"] = b"1"
    inner.gate = asyncio.Event()
    slow = asyncio.create_task(guarded.get("k"))
    await asyncio.sleep(0)
    gate, inner.gate = inner.gate, None
    inner.fault = TimeoutError()
    await guarded.get("k")

    gate.set()

    assert await slow == b"1"
    assert guarded.state == "down"


async def test_one_bad_entry_leaves_the_store_in_use(
    guarded: GuardedStore, inner: FakeStore
) -> None:
    inner.fault = BadEntry("WRONGTYPE")
    missed = await guarded.get("k")
    inner.fault = None
    await guarded.put("k", b"1", 60)

    assert missed is None
    assert await guarded.get("k") == b"1"
    assert guarded.state == "up"


async def test_a_change_of_state_is_logged_once(
    guarded: GuardedStore,
    inner: FakeStore,
    clock: StillClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "dreammaker.store")
    inner.fault = TimeoutError()
    await asyncio.gather(*(guarded.get("k") for _ in range(10)))
    clock.advance(5)
    await guarded.get("k")
    clock.advance(5)
    inner.fault = None
    await guarded.get("k")
    await guarded.get("k")

    assert [record.message for record in caplog.records] == ["store.down", "store.up"]
    assert caplog.records[0].__dict__["error"] == "TimeoutError"
    assert caplog.records[1].__dict__["down_s"] == 10.0


async def test_closing_a_dead_store_is_no_error(
    guarded: GuardedStore, inner: FakeStore, caplog: pytest.LogCaptureFixture
) -> None:
    inner.fault = ConnectionError()

    with caplog.at_level(logging.INFO, "dreammaker.store"):
        await guarded.aclose()

    assert [record.message for record in caplog.records] == ["store.close_failed"]


class GuardedModel(RuleBasedStateMachine):
    """Against a model: asked when up, or when the rest is over; never in between."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = StillClock()
        self.inner = FakeStore()
        self.guarded = GuardedStore(self.inner, self.clock, rest_s=5.0)
        self.rested_s: float | None = None  # since the last failure; None while up

    @rule(seconds=st.integers(1, 40).map(lambda n: n / 8))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.rested_s is not None:
            self.rested_s += seconds

    @precondition(lambda self: self.inner.fault is None)
    @rule(fault=st.sampled_from([TimeoutError(), OSError(), KeyError("result")]))
    def breaks(self, fault: Exception) -> None:
        self.inner.fault = fault

    @precondition(lambda self: self.inner.fault is not None)
    @rule()
    def mends(self) -> None:
        self.inner.fault = None

    @rule()
    def is_asked(self) -> None:
        before = self.inner.asked

        answer = asyncio.run(self.guarded.add("n", 7, 60))

        reaches = self.rested_s is None or self.rested_s >= 5
        works = self.inner.fault is None
        assert self.inner.asked - before == int(reaches)
        assert answer == (7 if reaches and works else None)
        if reaches:
            self.rested_s = None if works else 0.0

    @invariant()
    def says_how_it_is(self) -> None:
        assert self.guarded.state == ("up" if self.rested_s is None else "down")


TestGuardedModel = GuardedModel.TestCase
