"""Ages: what is fresh, stale or kept, and who waits for a refresh."""

import asyncio

import pytest

from lib.market import Ticker
from lib.sourced import Attempt, Sourced
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    Notebook,
    One,
    others_run,
)
from tests.lib.highway.driving import DOWN, Open

pytestmark = pytest.mark.anyio


async def test_the_first_answer_comes_from_the_first_source(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 7.0)
    found = await open_highway(alpha, One("beta", clock)).fetch(SPOTS, BTC)

    now = clock.now_ms()
    attempt = Attempt("alpha", "ok", 0)
    assert found == Sourced(Ticker(BTC.pair, 7.0, now), "alpha", (attempt,), now, now)


async def test_a_fresh_value_is_returned_without_asking(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock)
    notebook = Notebook()
    highway = open_highway(alpha, observer=notebook)
    first = await highway.fetch(SPOTS, BTC)
    clock.advance(4.9)

    assert (await highway.fetch(SPOTS, BTC), len(alpha.calls)) == (first, 1)
    assert notebook.lookups == ["miss", "hit"]


async def test_a_stale_value_is_returned_at_once_while_exactly_one_refresh_runs(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    notebook = Notebook()
    highway = open_highway(alpha, observer=notebook)
    await highway.fetch(SPOTS, BTC)
    clock.advance(5)
    alpha.price, alpha.hold = 2.0, asyncio.Event()

    stale = [await highway.fetch(SPOTS, BTC) for _ in range(20)]
    alpha.hold.set()
    await others_run()
    after = await highway.fetch(SPOTS, BTC)

    assert [found.value.last for found in stale] == [1.0] * 20
    assert (after.value.last, len(alpha.calls)) == (2.0, 2)
    assert notebook.lookups == ["miss", *["stale"] * 20, "hit"]


async def test_beyond_stale_the_caller_waits_for_a_new_value(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock.advance(60)
    alpha.price = 2.0

    assert (await highway.fetch(SPOTS, BTC)).value.last == 2.0


async def test_a_caller_may_state_a_freshness_of_its_own(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock.advance(50)
    await highway.fetch(SPOTS, BTC, fresh_s=60)
    await others_run()

    assert len(alpha.calls) == 1


async def test_a_failed_refresh_leaves_the_stale_value(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    alpha.error = DOWN
    clock.advance(10)
    stale = await highway.fetch(SPOTS, BTC)
    await others_run()
    after = await highway.fetch(SPOTS, BTC)

    assert (stale.degraded, after.degraded, after.value) == (False, True, stale.value)
