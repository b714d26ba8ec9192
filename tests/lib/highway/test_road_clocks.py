"""Clocks that jump, forwards and back."""

import asyncio
from typing import Any

import pytest

from lib.highway.shared import SharedValues
from lib.market import Ticker
from lib.sourced import Sourced
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    All,
    FakeStore,
    One,
    others_run,
)
from tests.lib.highway.driving import DOWN, Open, refusal

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", [One, All])
async def test_after_the_clock_fell_back_an_hour_values_are_fetched_anew_and_then_kept(
    open_highway: Open, clock: StillClock, kind: Any
) -> None:
    lists = {"lists": "BTC/USDT"} if kind is All else {}
    alpha = kind("alpha", clock, 1.0, **lists)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock._now_ms -= 3_600_000
    alpha.price = 2.0

    found = [(await highway.fetch(SPOTS, BTC)).value.last for _ in range(3)]

    assert (found, len(alpha.calls)) == ([2.0] * 3, 2)


async def test_after_the_clock_fell_back_another_sources_answer_is_not_hidden_by_the_future(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, 1.0, lists="BTC/USDT")
    beta = All("beta", clock, 2.0, lists="BTC/USDT")
    highway = open_highway(alpha, beta)
    await highway.fetch(SPOTS, BTC)
    clock._now_ms -= 3_600_000
    alpha.error = DOWN

    found = [(await highway.fetch(SPOTS, BTC)).value.last for _ in range(5)]

    assert (found, len(alpha.calls), len(beta.calls)) == ([2.0] * 5, 2, 1)


async def test_after_the_clock_fell_back_a_dead_feed_says_so_rather_than_trust_the_future(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock._now_ms -= 3_600_000
    alpha.error = DOWN

    assert not (await refusal(highway)).unknown


@pytest.mark.parametrize("kind", [One, All])
async def test_a_clock_that_fell_back_and_caught_up_makes_nothing_young_again(
    open_highway: Open, clock: StillClock, kind: Any
) -> None:
    lists = {"lists": "BTC/USDT"} if kind is All else {}
    alpha = kind("alpha", clock, 1.0, **lists)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock._now_ms -= 3_600_000
    clock.advance(3600)  # in which nobody asks
    alpha.price = 2.0

    assert (await highway.fetch(SPOTS, BTC)).value.last == 2.0


async def test_after_the_clock_leapt_an_hour_values_are_fetched_anew_and_then_kept(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock._now_ms += 3_600_000
    alpha.price = 2.0

    found = [(await highway.fetch(SPOTS, BTC)).value.last for _ in range(3)]

    assert (found, len(alpha.calls)) == ([2.0] * 3, 2)


async def test_a_value_from_the_future_in_the_store_is_not_believed(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    ahead = StillClock(clock.now_ms() + 3_600_000)
    theirs = open_highway(One("alpha", ahead, 9.0), clock=ahead, store=store)
    await theirs.fetch(SPOTS, BTC)
    await others_run()
    ours = open_highway(One("alpha", clock, 1.0), store=store)

    assert (await ours.fetch(SPOTS, BTC)).value.last == 1.0


async def test_a_value_from_the_future_is_not_accepted_from_the_winner_of_a_claim(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    highway = open_highway(One("alpha", clock, 1.0), store=store)
    shared = SharedValues(store, clock)
    await shared.claim(SPOTS, BTC)
    caller = asyncio.create_task(highway.fetch(SPOTS, BTC))
    await others_run()
    at = clock.now_ms() + 3_600_000
    await shared.settle(SPOTS, BTC, Sourced(Ticker(BTC.pair, 9.0, at), "alpha", (), at, at))

    assert (await caller).value.last == 1.0
