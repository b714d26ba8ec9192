"""Single flight: callers who want the same thing share one call."""

import asyncio

import pytest

from lib.sourced import NoSource
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    FakeStore,
    One,
    others_run,
)
from tests.lib.highway.driving import DOWN, Open

pytestmark = pytest.mark.anyio


async def test_five_hundred_concurrent_cold_callers_cost_one_call(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, hold=asyncio.Event())
    highway = open_highway(alpha, hedge_s=5.0)
    callers = [asyncio.create_task(highway.fetch(SPOTS, BTC)) for _ in range(500)]
    await others_run()
    assert alpha.hold
    alpha.hold.set()
    found = await asyncio.gather(*callers)

    assert (len({id(one) for one in found}), len(alpha.calls)) == (1, 1)


async def test_a_cancelled_caller_cancels_nobody(open_highway: Open, clock: StillClock) -> None:
    alpha = One("alpha", clock, hold=asyncio.Event())
    highway = open_highway(alpha, hedge_s=5.0)
    callers = [asyncio.create_task(highway.fetch(SPOTS, BTC)) for _ in range(3)]
    await others_run()
    callers[0].cancel()
    await others_run()
    assert alpha.hold
    alpha.hold.set()
    ends = await asyncio.gather(*callers, return_exceptions=True)

    assert isinstance(ends[0], asyncio.CancelledError)
    assert ends[1] == ends[2] == await highway.fetch(SPOTS, BTC)
    assert len(alpha.calls) == 1


async def test_what_the_only_caller_left_behind_is_kept(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, hold=asyncio.Event())
    highway = open_highway(alpha, hedge_s=5.0)
    caller = asyncio.create_task(highway.fetch(SPOTS, BTC))
    await others_run()
    caller.cancel()
    await others_run()
    assert alpha.hold
    alpha.hold.set()
    await others_run()

    assert highway.at_hand(SPOTS, BTC) is not None


async def test_a_failure_reaches_all_who_wait_and_the_next_tries_anew(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=DOWN, hold=asyncio.Event())
    highway = open_highway(alpha, hedge_s=5.0)
    callers = [asyncio.create_task(highway.fetch(SPOTS, BTC)) for _ in range(5)]
    await others_run()
    assert alpha.hold
    alpha.hold.set()
    ends = await asyncio.gather(*callers, return_exceptions=True)
    alpha.error = None

    assert [type(end) for end in ends] == [NoSource] * 5
    assert ((await highway.fetch(SPOTS, BTC)).source, len(alpha.calls)) == ("alpha", 2)


async def test_closing_ends_what_is_under_way(open_highway: Open, clock: StillClock) -> None:
    highway = open_highway(One("alpha", clock, hold=asyncio.Event()), hedge_s=5.0)
    caller = asyncio.create_task(highway.fetch(SPOTS, BTC))
    await others_run()
    await highway.aclose()
    await asyncio.wait([caller], timeout=5)

    assert caller.cancelled()


async def test_closing_closes_the_store(open_highway: Open) -> None:
    store = FakeStore()
    await open_highway(store=store).aclose()

    assert store.closed
