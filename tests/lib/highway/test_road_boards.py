"""Sources that answer all pairs at once: one call feeds every question."""

import asyncio

import pytest

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.queries import Everything, PairQuery
from lib.sourced import NoSource
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    ETH,
    SPOTS,
    SUMS,
    All,
    One,
)
from tests.lib.highway.driving import DOWN, Open, outcomes

pytestmark = pytest.mark.anyio


async def test_one_bulk_call_serves_fifty_symbols(open_highway: Open, clock: StillClock) -> None:
    queries = [PairQuery(Pair(f"T{number}", "USDT")) for number in range(50)]
    alpha = All("alpha", clock, lists=" ".join(query.key for query in queries))
    highway = open_highway(alpha)

    found = await asyncio.gather(*(highway.fetch(SPOTS, query) for query in queries))
    again = [await highway.fetch(SPOTS, query) for query in queries]

    assert [str(one.value.pair) for one in found] == [query.key for query in queries]
    assert (again, len(alpha.calls)) == (found, 1)


async def test_a_symbol_that_only_the_third_source_lists_comes_from_there(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(
        All("alpha", clock, lists="BTC/USDT"),
        One("beta", clock, error=SourceUnsupported("404")),
        All("gamma", clock, 3.0, lists="BTC/USDT RARE/USDT"),
    )

    found = await highway.fetch(SPOTS, PairQuery(Pair("RARE", "USDT")))

    assert (found.source, found.value.last, found.degraded) == ("gamma", 3.0, False)
    assert outcomes(found) == [("alpha", "unsupported"), ("beta", "unsupported"), ("gamma", "ok")]


async def test_an_odd_symbol_does_not_change_everyone_elses_source(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(
        All("alpha", clock, 1.0, lists="BTC/USDT"),
        All("beta", clock, 2.0, lists="BTC/USDT RARE/USDT"),
    )
    before = await highway.fetch(SPOTS, BTC)
    clock.advance(1)
    await highway.fetch(SPOTS, PairQuery(Pair("RARE", "USDT")))
    after = await highway.fetch(SPOTS, BTC)

    assert (before.source, after.source) == ("alpha", "alpha")


@pytest.mark.parametrize(("asked", "listed"), [("USD", "USDT"), ("USDT", "USD")])
async def test_dollars_and_tether_stand_in_for_each_other_where_a_venue_has_but_one(
    open_highway: Open, clock: StillClock, asked: str, listed: str
) -> None:
    highway = open_highway(All("alpha", clock, lists=f"BTC/{listed}"))

    found = await highway.fetch(SPOTS, PairQuery(Pair("BTC", asked)))

    assert found.value.pair == Pair("BTC", listed)


async def test_the_board_has_every_row_of_one_source(open_highway: Open, clock: StillClock) -> None:
    beta = All("beta", clock, lists="BTC/USDT ETH/USDT")
    highway = open_highway(One("alpha", clock), beta)

    board = await highway.board(SPOTS, 60)
    clock.advance(59)
    await highway.board(SPOTS, 60)

    assert (board.source, list(board.value)) == ("beta", ["BTC/USDT", "ETH/USDT"])
    assert len(beta.calls) == 1


async def test_a_board_fetched_for_one_answers_for_another(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, lists="BTC/USDT ETH/USDT")
    highway = open_highway(alpha)
    await highway.board(SPOTS, 60)

    assert (await highway.fetch(SPOTS, ETH)).value.pair == ETH.pair
    assert len(alpha.calls) == 1


async def test_the_board_of_a_source_that_is_down_is_kept_and_labelled(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, lists="BTC/USDT")
    highway = open_highway(alpha)
    fresh = await highway.board(SPOTS, 60)
    alpha.error = DOWN
    clock.advance(100)
    kept = await highway.board(SPOTS, 60)

    assert (kept.value, fresh.degraded, kept.degraded) == (fresh.value, False, True)


async def test_all_rows_of_a_second_choice_are_labelled_degraded(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(
        All("alpha", clock, error=DOWN, lists="BTC/USDT ETH/USDT"),
        All("beta", clock, lists="BTC/USDT ETH/USDT"),
    )
    await highway.fetch(SPOTS, BTC)
    other = await highway.fetch(SPOTS, ETH)

    assert (outcomes(other), other.degraded) == ([("alpha", "unavailable"), ("beta", "ok")], True)


async def test_no_board_where_no_source_serves_in_bulk(
    open_highway: Open, clock: StillClock
) -> None:
    with pytest.raises(NoSource):
        await open_highway(One("alpha", clock)).board(SPOTS, 60)


async def test_a_feed_with_one_question_is_asked_that(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, 0.9)
    highway = open_highway(alpha)
    found = await highway.fetch(SUMS, Everything())

    assert (found.value.per_usd, await highway.fetch(SUMS, Everything())) == ({"EUR": 0.9}, found)
    assert alpha.calls == [Everything()]
