"""What is at hand without asking, and what streams bring."""

import pytest

from lib.market import Pair, Ticker
from lib.queries import PairQuery, RangeQuery
from lib.sourced import Sourced
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    ETH,
    SPANS,
    SPOTS,
    All,
    One,
)
from tests.lib.highway.driving import Open

pytestmark = pytest.mark.anyio


async def test_at_hand_asks_nobody(open_highway: Open, clock: StillClock) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)

    assert (highway.at_hand(SPOTS, BTC), alpha.calls) == (None, [])


async def test_only_what_is_fresh_is_at_hand_unless_any_age_will_do(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock))
    found = await highway.fetch(SPOTS, BTC)
    fresh = highway.at_hand(SPOTS, BTC)
    clock.advance(5)

    assert (fresh, highway.at_hand(SPOTS, BTC)) == (found, None)
    assert highway.at_hand(SPOTS, BTC, any_age=True) == found


async def test_a_streamed_row_is_served_without_any_call(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, lists="BTC/USDT")
    highway = open_highway(alpha)
    ticker = Ticker(BTC.pair, 5.0, clock.now_ms() - 30)
    highway.put_rows(SPOTS, "alpha", {"BTC/USDT": ticker})

    found = await highway.fetch(SPOTS, PairQuery(Pair("BTC", "USD")))

    now = clock.now_ms()
    assert (found, alpha.calls) == (Sourced(ticker, "alpha", (), now - 30, now), [])


async def test_a_stream_of_one_symbol_does_not_keep_others_from_being_refreshed(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, 1.0, lists="BTC/USDT ETH/USDT")
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, ETH)
    alpha.price = 2.0
    for _ in range(100):
        clock.advance(1)
        highway.put_rows(SPOTS, "alpha", {"BTC/USDT": Ticker(BTC.pair, 5.0, clock.now_ms())})

    assert (await highway.fetch(SPOTS, ETH)).value.last == 2.0


async def test_when_a_stream_ends_its_last_row_grows_old_like_any_value(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, 1.0, lists="BTC/USDT")
    highway = open_highway(alpha)
    highway.put_rows(SPOTS, "alpha", {"BTC/USDT": Ticker(BTC.pair, 5.0, clock.now_ms())})
    clock.advance(61)

    assert (await highway.fetch(SPOTS, BTC)).value.last == 1.0


async def test_what_ran_when_it_was_fetched_does_not_settle_by_growing_old(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 1.0)
    highway = open_highway(alpha)
    running = RangeQuery("EUR", 0, clock.now_ms() + 3_000)
    await highway.fetch(SPANS, running)
    alpha.price = 2.0
    clock.advance(61)
    settled = await highway.fetch(SPANS, running)
    clock.advance(3600)

    assert settled.value.per_usd == {"EUR": 2.0}
    assert (await highway.fetch(SPANS, running), len(alpha.calls)) == (settled, 2)
