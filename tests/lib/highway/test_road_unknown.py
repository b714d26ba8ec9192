"""What nobody has is told once and believed for a while."""

import pytest

from lib.errors import SourceUnsupported
from lib.highway.refusals import MOST_UNKNOWN
from lib.market import Pair
from lib.queries import PairQuery
from lib.sourced import Attempt, NoSource
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


def test_one_that_lacks_it_makes_nothing_unknown_where_most_are_barred() -> None:
    barred = tuple(Attempt(name, "geo_blocked", 0) for name in ("alpha", "gamma"))

    assert not NoSource("spots", "X/USDT", (*barred, Attempt("beta", "unsupported", 0))).unknown


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

    assert len(highway.refusals._unknown) == MOST_UNKNOWN
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
