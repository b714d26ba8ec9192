"""Behaviour of the highway: what a caller gets for a question, and what it costs upstream."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lib.clock import SystemClock
from lib.errors import (
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.highway.road import MOST_UNKNOWN, Highway
from lib.highway.shared import SharedValues
from lib.market import Pair, Ticker
from lib.providers.base import Limit
from lib.queries import Everything, PairQuery, RangeQuery
from lib.sourced import Attempt, NoSource, Sourced
from lib.store.guarded import GuardedStore
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    ETH,
    SPANS,
    SPOTS,
    SUMS,
    All,
    DownStore,
    FakeStore,
    Notebook,
    One,
    nothing_is_left_behind,
    others_run,
    until,
)

pytestmark = pytest.mark.anyio

HEDGE_S = 0.01
DOWN = SourceUnavailable("down")
Open = Callable[..., Highway]


@pytest.fixture(autouse=True, scope="module")
def _clean() -> Iterator[None]:
    with nothing_is_left_behind():
        yield


@pytest.fixture
async def open_highway(clock: StillClock) -> AsyncIterator[Open]:
    """Build highways over some sources; at the end they are closed and have left no task."""
    before = asyncio.all_tasks()
    opened: list[Highway] = []

    def build(*sources: Any, **options: Any) -> Highway:
        highway = Highway(sources, **{"clock": clock, "hedge_s": HEDGE_S} | options)
        opened.append(highway)
        return highway

    yield build
    for highway in opened:
        await highway.aclose()
    left = asyncio.all_tasks() - before
    assert [repr(task) for task in left if "TestRunner" not in repr(task)] == []


def outcomes(found: Sourced[Any]) -> list[tuple[str, str]]:
    return [(attempt.source, attempt.outcome) for attempt in found.tried]


async def refusal(highway: Highway, query: PairQuery = BTC) -> NoSource:
    with pytest.raises(NoSource) as raised:
        await highway.fetch(SPOTS, query)
    return raised.value


# ages


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


# when every source fails


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


# single flight


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


# bulk


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


# what nobody has


async def test_an_unknown_symbol_is_believed_unknown_for_a_minute(
    open_highway: Open, clock: StillClock
) -> None:
    sources = [One(name, clock, error=SourceUnsupported("404")) for name in ("alpha", "beta")]
    highway = open_highway(*sources)
    first = await refusal(highway)
    clock.advance(59.9)
    again = await refusal(highway)
    calls = [len(source.calls) for source in sources]
    clock.advance(0.1)
    await refusal(highway)

    assert (first.unknown, again.unknown, again.tried) == (True, True, first.tried)
    assert (calls, [len(source.calls) for source in sources]) == ([1, 1], [2, 2])


async def test_what_is_believed_unknown_does_not_cost_the_store_a_look(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    highway = open_highway(One("alpha", clock, error=SourceUnsupported("404")), store=store)
    await refusal(highway)
    looks = store.looks
    await refusal(highway)

    assert store.looks == looks


async def test_a_symbol_that_gets_listed_is_found_after_a_minute(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = All("alpha", clock, lists="ETH/USDT")
    highway = open_highway(alpha)
    await refusal(highway)
    alpha.lists.append("BTC/USDT")
    clock.advance(60)

    assert (await highway.fetch(SPOTS, BTC)).value.pair == BTC.pair


async def test_a_symbol_is_not_called_unknown_while_a_source_is_down(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceUnsupported("404"))
    beta = One("beta", clock, error=DOWN)
    highway = open_highway(alpha, beta)
    error = await refusal(highway)
    beta.error = None

    assert (error.unknown, (await highway.fetch(SPOTS, BTC)).source) == (False, "beta")


@pytest.mark.parametrize("outcome", ["no_key", "geo_blocked"])
def test_a_source_that_cannot_be_asked_from_here_does_not_make_a_symbol_known(
    outcome: str,
) -> None:
    tried = (Attempt("alpha", outcome, 0), Attempt("beta", "unsupported", 0))

    assert NoSource("spots", "X/USDT", tried).unknown
    assert not NoSource("spots", "X/USDT", tried[:1]).unknown


async def test_a_source_that_this_process_has_not_loaded_is_no_witness(
    open_highway: Open, clock: StillClock
) -> None:
    error = await refusal(open_highway())

    assert (error.tried, error.unknown) == ((), False)


async def test_what_is_remembered_of_unknown_symbols_is_bounded(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(All("alpha", clock, lists="BTC/USDT"))
    for number in range(MOST_UNKNOWN + 50):
        await refusal(highway, PairQuery(Pair(f"X{number}", "USDT")))

    assert len(highway._unknown) == MOST_UNKNOWN
    assert len(highway.shelf) == 1


async def test_a_delisted_symbol_is_kept_for_a_while_without_asking_each_time(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock)
    highway = open_highway(alpha)
    await highway.fetch(SPOTS, BTC)
    alpha.error = SourceUnsupported("delisted")
    clock.advance(100)
    kept = [await highway.fetch(SPOTS, BTC) for _ in range(3)]
    await others_run()

    assert [found.degraded for found in kept] == [True] * 3
    assert len(alpha.calls) == 2


# order, hedge, budget


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


# gates on the road


async def test_a_geo_blocked_source_is_passed_over_for_an_hour(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceGeoBlocked("451"))
    highway = open_highway(alpha, One("beta", clock))
    seen = []
    for seconds in (1000, 2599, 61):
        seen.append(outcomes(await highway.fetch(SPOTS, BTC))[0])
        alpha.error = None
        clock.advance(seconds)
    seen.append(outcomes(await highway.fetch(SPOTS, BTC))[0])

    assert seen == [("alpha", "geo_blocked")] * 2 + [("alpha", "geo_blocked"), ("alpha", "ok")]
    assert len(alpha.calls) == 2


async def test_a_source_that_says_retry_after_is_passed_over_until_then(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceThrottled("429", 90.0))
    highway = open_highway(alpha, One("beta", clock))
    await highway.fetch(SPOTS, BTC)
    alpha.error = None
    clock.advance(80)
    during = await highway.fetch(SPOTS, BTC)
    clock.advance(80)
    after = await highway.fetch(SPOTS, BTC)

    assert (outcomes(during)[0], after.source) == (("alpha", "throttled"), "alpha")
    assert len(alpha.calls) == 2


async def test_when_a_quota_is_spent_the_next_source_answers(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, limits=(Limit(1, 60),)), One("beta", clock))
    first = await highway.fetch(SPOTS, BTC)
    second = await highway.fetch(SPOTS, ETH)

    assert first.source == "alpha"
    assert outcomes(second) == [("alpha", "quota_spent"), ("beta", "ok")]


async def test_a_source_that_fails_three_times_is_passed_over_until_a_probe_succeeds(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=DOWN)
    highway = open_highway(alpha, One("beta", clock))
    queries = [PairQuery(Pair(f"T{number}", "USDT")) for number in range(8)]
    seen = [outcomes(await highway.fetch(SPOTS, query))[0][1] for query in queries[:5]]
    clock.advance(5)
    seen.append(outcomes(await highway.fetch(SPOTS, queries[5]))[0][1])
    alpha.error = None
    clock.advance(5)
    seen += [outcomes(await highway.fetch(SPOTS, query))[0][1] for query in queries[6:]]

    assert seen == [*["unavailable"] * 3, *["circuit_open"] * 2, "unavailable", "ok", "ok"]


async def test_what_a_source_does_not_have_never_opens_its_circuit(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceUnsupported("404"))
    highway = open_highway(alpha, One("beta", clock))
    for number in range(10):
        await highway.fetch(SPOTS, PairQuery(Pair(f"T{number}", "USDT")))

    assert len(alpha.calls) == 10


async def test_a_bug_in_one_client_does_not_take_the_feed_down(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, error=KeyError("lastPrice")), One("beta", clock))

    assert outcomes(await highway.fetch(SPOTS, BTC)) == [("alpha", "malformed"), ("beta", "ok")]


async def test_a_malformed_answer_lets_the_next_source_answer(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, error=SourceMalformed("?")), One("beta", clock))

    assert outcomes(await highway.fetch(SPOTS, BTC)) == [("alpha", "malformed"), ("beta", "ok")]


async def test_a_source_without_its_key_is_skipped_and_does_not_degrade(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, needs_key=True), One("beta", clock))
    found = await highway.fetch(SPOTS, BTC)

    assert (outcomes(found), found.degraded) == ([("alpha", "no_key"), ("beta", "ok")], False)
    assert highway.key_variable("alpha") == "ALPHA_KEY"


# inline: hosts that freeze after their answer


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


# clocks that jump


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


# several processes


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


# at hand, streams


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
