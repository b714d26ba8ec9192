"""Sources in order: the next one when one fails or dawdles, within one budget."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from lib.clock import SystemClock
from lib.sourced import NoSource
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    All,
    One,
    others_run,
    until,
)
from tests.lib.highway.driving import DOWN, Open, outcomes

pytestmark = pytest.mark.anyio


async def test_sources_are_asked_in_the_order_of_the_feed_not_of_their_loading(
    open_highway: Open, clock: StillClock
) -> None:
    gamma, beta, alpha = (One(name, clock, error=DOWN) for name in ("gamma", "beta", "alpha"))
    gamma.error = None

    found = await open_highway(gamma, beta, alpha).fetch(SPOTS, BTC)

    assert outcomes(found) == [("alpha", "unavailable"), ("beta", "unavailable"), ("gamma", "ok")]
    assert found.degraded


async def test_whoever_comes_later_is_told_the_same_of_who_failed(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, error=DOWN), One("beta", clock))
    first = await highway.fetch(SPOTS, BTC)

    assert await highway.fetch(SPOTS, BTC) == first


async def test_a_hanging_first_source_costs_the_hedge_and_the_second_answers(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, hold=asyncio.Event()), One("beta", clock))

    found = await highway.fetch(SPOTS, BTC)

    assert (outcomes(found), found.degraded) == ([("alpha", "timeout"), ("beta", "ok")], True)


@pytest.mark.parametrize("kind", [One, All])
async def test_a_late_first_answer_still_lands_on_the_shelf(
    open_highway: Open, clock: StillClock, kind: Any
) -> None:
    lists = {"lists": "BTC/USDT"} if kind is All else {}
    alpha = kind("alpha", clock, 1.0, hold=asyncio.Event(), **lists)
    highway = open_highway(alpha, One("beta", clock, 2.0))
    first = await highway.fetch(SPOTS, BTC)
    alpha.hold.set()
    await others_run()
    later = await highway.fetch(SPOTS, BTC)

    assert (first.value.last, later.value.last, later.degraded) == (2.0, 1.0, False)
    assert len(alpha.calls) == 1


async def test_a_hanging_source_is_not_asked_again_while_it_hangs(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, hold=asyncio.Event())
    highway = open_highway(alpha, One("beta", clock))
    for _ in range(3):
        await highway.fetch(SPOTS, BTC)
        clock.advance(100)

    assert len(alpha.calls) == 1


async def test_a_slow_first_source_that_wins_is_not_degraded_by_the_hedge(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, hold=asyncio.Event())
    beta = One("beta", clock, hold=asyncio.Event())
    highway = open_highway(alpha, beta)
    caller = asyncio.create_task(highway.fetch(SPOTS, BTC))
    await until(lambda: beta.calls)
    assert alpha.hold
    alpha.hold.set()
    found = await caller

    assert (outcomes(found), found.degraded) == ([("alpha", "ok")], False)


async def test_when_all_hang_the_fetch_ends_with_its_budget(open_highway: Open) -> None:
    clock = SystemClock()
    brief = replace(SPOTS, budget_s=0.06)
    names = ("alpha", "beta", "gamma")
    sources = [One(name, clock, hold=asyncio.Event()) for name in names]
    highway = open_highway(*sources, clock=clock)

    with pytest.raises(NoSource) as raised:
        await highway.fetch(brief, BTC)

    assert [(a.source, a.outcome) for a in raised.value.tried] == [(n, "timeout") for n in names]
