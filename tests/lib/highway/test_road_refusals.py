"""When every source fails: what was kept answers, and says so."""

import asyncio

import pytest

from lib.errors import SourceThrottled, SourceTimeout
from lib.market import Ticker
from lib.sourced import Attempt, Sourced
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    SPOTS,
    One,
    others_run,
)
from tests.lib.highway.driving import DOWN, Open, refusal

pytestmark = pytest.mark.anyio


async def test_a_kept_value_answers_when_every_source_fails_and_says_so(
    open_highway: Open, clock: StillClock
) -> None:
    alpha, beta = One("alpha", clock, 1.0), One("beta", clock)
    highway = open_highway(alpha, beta)
    first = await highway.fetch(SPOTS, BTC)
    alpha.error, beta.error = DOWN, SourceTimeout("slow")
    clock.advance(100)

    kept = await highway.fetch(SPOTS, BTC)

    refused = (Attempt("alpha", "unavailable", 0), Attempt("beta", "timeout", 0))
    assert kept == Sourced(
        first.value, "alpha", first.tried, first.as_of_ms, first.fetched_ms, refused
    )
    assert kept.degraded


async def test_once_a_refresh_was_in_vain_nobody_waits_until_recovery(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    alpha.error = DOWN
    clock.advance(100)
    await highway.fetch(SPOTS, BTC)  # in vain
    alpha.error, alpha.price, alpha.hold = None, 2.0, asyncio.Event()

    during = [await highway.fetch(SPOTS, BTC) for _ in range(10)]
    alpha.hold.set()
    await others_run()
    after = await highway.fetch(SPOTS, BTC)

    assert [(found.value.last, found.degraded) for found in during] == [(1.0, True)] * 10
    assert (after.value.last, after.degraded, after.refused) == (2.0, False, ())
    assert len(alpha.calls) == 3


async def test_beyond_keep_there_is_no_source(open_highway: Open, clock: StillClock) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    alpha.error = DOWN
    clock.advance(299)
    kept = await highway.fetch(SPOTS, BTC)
    await others_run()
    clock.advance(1)
    error = await refusal(highway)

    assert kept.degraded
    assert (error.feed, error.key, error.unknown) == ("spots", "BTC/USDT", False)
    assert error.tried == (Attempt("alpha", "unavailable", 0),)


async def test_without_anything_kept_the_refusal_names_each_sources_reason(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(
        One("alpha", clock, error=DOWN),
        One("beta", clock, needs_key=True),
        One("gamma", clock, error=SourceThrottled("429")),
    )

    assert (await refusal(highway)).tried == (
        Attempt("alpha", "unavailable", 0),
        Attempt("beta", "no_key", 0),
        Attempt("gamma", "throttled", 0),
    )


async def test_a_value_that_came_fresh_meanwhile_is_not_called_refused(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    clock.advance(10)
    alpha.error, alpha.hold = DOWN, asyncio.Event()
    await highway.fetch(SPOTS, BTC)
    await others_run()
    highway.put_rows(SPOTS, "beta", {BTC.key: Ticker(BTC.pair, 2.0, clock.now_ms())})
    alpha.hold.set()
    await others_run()

    found = await highway.fetch(SPOTS, BTC)

    assert (found.value.last, found.degraded) == (2.0, False)
