"""Bars for endpoints: bounded questions, and empty ranges that are no unknown symbols."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.context import Context
from lib.errors import InvalidSymbol, UpstreamUnavailable
from lib.market import Pair
from lib.queries import CandleQuery
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.views.bars import fetch_bars, range_query
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned

BTC = Pair("BTC", "USDT")
HOUR_MS = 3_600_000
LAST_MS = open_of(NOW_MS, "1h")


# the question


def test_bounds_move_onto_the_grid_and_the_bars_between_are_counted() -> None:
    asked = range_query(BTC, "1h", LAST_MS - 9 * HOUR_MS - 5, LAST_MS - 2, 1000, NOW_MS)

    assert asked == CandleQuery(BTC, "1h", 9, LAST_MS - 9 * HOUR_MS, LAST_MS - HOUR_MS)


def test_no_more_bars_are_asked_for_than_wanted() -> None:
    assert range_query(BTC, "1h", 0, LAST_MS - HOUR_MS, 7, NOW_MS).limit == 7


def test_a_range_that_reaches_the_running_bar_has_no_end() -> None:
    for until in (LAST_MS, NOW_MS, NOW_MS + 9 * HOUR_MS):
        assert range_query(BTC, "1h", LAST_MS - HOUR_MS, until, 1000, NOW_MS).until_ms is None


def test_a_bar_that_closes_just_now_is_over() -> None:
    asked = range_query(BTC, "1h", 0, LAST_MS - 1, 5, LAST_MS)

    assert asked.until_ms == LAST_MS - HOUR_MS


@given(
    st.sampled_from(list(TIMEFRAME_MS)),
    st.integers(0, 2 * NOW_MS),
    st.integers(1, 10**11),
    st.integers(1, 1000),
)
def test_every_range_makes_a_question_that_can_be_asked(
    timeframe: str, since: int, width: int, most: int
) -> None:
    asked = range_query(BTC, timeframe, since, since + width, most, NOW_MS)

    assert asked.since_ms is not None
    assert 1 <= asked.limit <= most
    assert open_of(asked.since_ms, timeframe) == asked.since_ms >= since
    assert asked.until_ms is None or asked.until_ms <= since + width
    # never settled later while it was open when asked
    running = open_of(NOW_MS, timeframe)
    assert asked.until_ms is None or asked.until_ms < running or asked.since_ms > asked.until_ms


# the answer


async def answer(upstream: Mapping[str, Any], query: CandleQuery) -> tuple[Any, Context]:
    """The bars, and the reply in the making."""
    async with House(upstream=canned(upstream)) as house:
        ctx = house.runtime.context()
        return await fetch_bars(ctx, query), ctx


TRADED = {TICKERS: [ticker("BTCUSDT", 5.0)]}
PAST = CandleQuery(BTC, "1h", 3, LAST_MS - 9 * HOUR_MS, LAST_MS - 7 * HOUR_MS)
NEWEST = CandleQuery(BTC, "1h", 3)


async def test_bars_are_the_sources() -> None:
    found, ctx = await answer({BARS: [bar(LAST_MS - 9 * HOUR_MS, 105.0)]}, PAST)

    assert [one.close for one in found.bars] == [105.0]
    assert [part.feed.name for part in ctx.parts] == ["candles"]


async def test_a_pair_that_trades_today_may_have_no_bars_in_a_range() -> None:
    old = range_query(BTC, "1d", 1_000_000_000_000, 1_001_000_000_000, 1000, NOW_MS)

    async with House() as house:
        ctx = house.runtime.context()
        found = await fetch_bars(ctx, old)

    assert found.bars == ()
    assert [part.feed.name for part in ctx.parts] == ["tickers"]


async def test_a_range_between_bars_asks_nobody_for_bars() -> None:
    between = CandleQuery(BTC, "1h", 1, LAST_MS, LAST_MS - HOUR_MS)

    found, ctx = await answer(TRADED, between)

    assert found.bars == ()
    assert [part.feed.name for part in ctx.parts] == ["tickers"]


@pytest.mark.parametrize("query", [NEWEST, PAST])
async def test_a_pair_that_nobody_knows_is_unknown(query: CandleQuery) -> None:
    unknown = CandleQuery(Pair("NOSUCH", "USDT"), "1h", 3, query.since_ms, query.until_ms)

    async with House() as house:
        with pytest.raises(InvalidSymbol):
            await fetch_bars(house.runtime.context(), unknown)


async def test_sources_that_fail_are_no_empty_range() -> None:
    with pytest.raises(UpstreamUnavailable):
        await answer({**TRADED, BARS: 500}, PAST)


async def test_another_dollar_than_asked_is_noted() -> None:
    dollars = CandleQuery(Pair("BTC", "USD"), "1h", 3, PAST.since_ms, PAST.until_ms)

    _, ctx = await answer({BARS: [bar(LAST_MS - 9 * HOUR_MS, 105.0)]}, dollars)

    assert ctx.notes["quoted_in"] == "USDT"
