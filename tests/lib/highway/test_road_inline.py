"""Hosts that freeze after their answer: all is done before it leaves."""

import pytest

from lib.highway.shared import SharedValues
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    FakeStore,
    One,
)
from tests.lib.highway.driving import DOWN, Open

pytestmark = pytest.mark.anyio


async def test_inline_a_stale_value_is_refreshed_before_the_answer(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha, inline=True)
    await highway.fetch(SPOTS, BTC)
    clock.advance(6)
    alpha.price = 2.0

    assert (await highway.fetch(SPOTS, BTC)).value.last == 2.0


async def test_inline_a_stale_value_answers_when_its_refresh_fails(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha, inline=True)
    await highway.fetch(SPOTS, BTC)
    clock.advance(6)
    alpha.error = DOWN
    found = await highway.fetch(SPOTS, BTC)

    assert (found.value.last, found.degraded) == (1.0, True)


async def test_inline_everything_is_in_the_store_when_the_answer_leaves(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    highway = open_highway(One("alpha", clock), inline=True, store=store)
    found = await highway.fetch(SPOTS, BTC)

    assert await SharedValues(store, clock).get(SPOTS, BTC) == found
    assert store.claims == {}


async def test_a_stale_value_is_not_held_back_while_another_process_refreshes(
    open_highway: Open, clock: StillClock
) -> None:
    store, alpha = FakeStore(), One("alpha", clock, 1.0)
    highway = open_highway(alpha, inline=True, store=store)
    await highway.fetch(SPOTS, BTC)
    clock.advance(6)
    await SharedValues(store, clock).claim(SPOTS, BTC)  # the other process

    assert ((await highway.fetch(SPOTS, BTC)).value.last, len(alpha.calls)) == (1.0, 1)
