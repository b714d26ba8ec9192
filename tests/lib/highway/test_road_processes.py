"""Several processes on one store: one fetches, the others get it."""

import asyncio
from dataclasses import replace

import pytest

from lib.highway.shared import SharedValues
from lib.sourced import NoSource
from lib.store.guarded import GuardedStore
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    All,
    DownStore,
    FakeStore,
    Notebook,
    One,
    others_run,
    until,
)
from tests.lib.highway.driving import DOWN, Open, refusal

pytestmark = pytest.mark.anyio


async def test_two_processes_at_the_same_moment_make_one_call(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    alphas = [One("alpha", clock), One("alpha", clock)]
    one, other = (open_highway(alpha, store=store) for alpha in alphas)

    found = await asyncio.gather(one.fetch(SPOTS, BTC), other.fetch(SPOTS, BTC))

    assert found[0] == found[1]
    assert sum(len(alpha.calls) for alpha in alphas) == 1
    assert one.at_hand(SPOTS, BTC) == other.at_hand(SPOTS, BTC) == found[0]


async def test_a_fresh_value_at_hand_does_not_cost_the_store_a_look(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    highway = open_highway(One("alpha", clock), store=store)
    await highway.fetch(SPOTS, BTC)
    looks = store.looks
    await highway.fetch(SPOTS, BTC)

    assert store.looks == looks


async def test_what_one_process_fetched_another_finds_in_the_store(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    found = await open_highway(One("alpha", clock), store=store).fetch(SPOTS, BTC)
    await others_run()
    other = One("alpha", clock)

    assert await open_highway(other, store=store).fetch(SPOTS, BTC) == found
    assert other.calls == []


@pytest.mark.parametrize("inline", [True, False])
async def test_a_refresh_takes_what_another_process_has_refreshed(
    open_highway: Open, clock: StillClock, inline: bool
) -> None:
    store = FakeStore()
    mine, theirs = One("alpha", clock, 1.0), One("alpha", clock, 2.0)
    one = open_highway(mine, store=store, inline=inline)
    await one.fetch(SPOTS, BTC)
    await others_run()
    clock.advance(6)
    await open_highway(theirs, store=store, inline=True).fetch(SPOTS, BTC)
    await one.fetch(SPOTS, BTC)
    await others_run()

    assert (await one.fetch(SPOTS, BTC)).value.last == 2.0
    assert len(mine.calls) == 1


async def test_a_stale_value_of_the_store_answers_at_once(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    await open_highway(One("alpha", clock, 1.0), store=store).fetch(SPOTS, BTC)
    await others_run()
    clock.advance(20)
    hanging = One("alpha", clock, hold=asyncio.Event())
    found = await open_highway(hanging, store=store, hedge_s=5.0).fetch(SPOTS, BTC)

    assert (found.value.last, found.refused) == (1.0, ())


async def test_a_board_is_shared_too(open_highway: Open, clock: StillClock) -> None:
    store = FakeStore()
    board = await open_highway(All("alpha", clock, lists="BTC/USDT"), store=store).board(SPOTS, 60)
    await others_run()
    other = All("alpha", clock, lists="BTC/USDT")

    assert await open_highway(other, store=store).board(SPOTS, 60) == board
    assert other.calls == []


@pytest.mark.parametrize("inline", [True, False])
async def test_a_store_that_is_down_costs_nothing_but_its_help(
    open_highway: Open, clock: StillClock, inline: bool
) -> None:
    store = GuardedStore(DownStore(), clock)
    highway = open_highway(One("alpha", clock, 1.0), store=store, inline=inline)
    found = await highway.fetch(SPOTS, BTC)
    await others_run()

    assert (found.value.last, await highway.fetch(SPOTS, BTC)) == (1.0, found)


async def test_rubbish_in_the_store_is_fetched_over(open_highway: Open, clock: StillClock) -> None:
    store = FakeStore()
    store.values["v1:spots:BTC/USDT"] = b"\x00rubbish"
    found = await open_highway(One("alpha", clock, 1.0), store=store).fetch(SPOTS, BTC)
    await others_run()

    assert found.value.last == 1.0
    assert await SharedValues(store, clock).get(SPOTS, BTC) == found


async def test_when_the_winner_of_a_claim_never_delivers_one_goes_on_alone(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore(slow=(clock, 0.05))
    await SharedValues(store, clock).claim(SPOTS, BTC)  # by a process that died

    found = await open_highway(One("alpha", clock, 1.0), store=store).fetch(SPOTS, BTC)

    assert found.value.last == 1.0


async def test_waiting_for_another_process_and_going_on_alone_share_one_budget(
    open_highway: Open, clock: StillClock
) -> None:
    store, notebook = FakeStore(slow=(clock, 300)), Notebook()
    long = replace(SPOTS, budget_s=1000)
    await SharedValues(store, clock).claim(long, BTC)
    alpha = One("alpha", clock, hold=asyncio.Event())
    highway = open_highway(alpha, store=store, observer=notebook)
    caller = asyncio.create_task(highway.fetch(long, BTC))
    await until(lambda: alpha.calls)  # 600 s have gone in waiting
    clock.advance(400)

    with pytest.raises(NoSource):
        await caller
    assert notebook.calls == []  # it ended by the caller's budget, not by the source's own


async def test_what_another_process_settled_after_the_look_costs_no_second_call(
    open_highway: Open, clock: StillClock
) -> None:
    store, other = FakeStore(), FakeStore()
    found = await open_highway(One("alpha", clock, 1.0), store=other, inline=True).fetch(SPOTS, BTC)
    store.settled_after_look = other.values
    alpha = One("alpha", clock, 2.0)

    assert await open_highway(alpha, store=store).fetch(SPOTS, BTC) == found
    assert (alpha.calls, store.claims) == ([], {})


async def test_a_failed_fetch_gives_its_claim_back(open_highway: Open, clock: StillClock) -> None:
    store = FakeStore()
    await refusal(open_highway(One("alpha", clock, error=DOWN), store=store))

    assert store.claims == {}
