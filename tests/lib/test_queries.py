"""What can be asked, and what identifies it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market import Candle, Pair
from lib.queries import CandleQuery, Everything, ForecastQuery, ListQuery, PairQuery, RangeQuery

BTC = Pair("BTC", "USDT")
ASSETS = st.text("ABC1", min_size=1, max_size=4)
TIMES = st.none() | st.sampled_from([0, 1, 60_000, 1_764_000_000_000])


@st.composite
def candle_queries(draw: st.DrawFn) -> CandleQuery:
    return CandleQuery(
        pair=Pair(draw(ASSETS), draw(ASSETS)),
        timeframe=draw(st.sampled_from(["1m", "1h", "1w"])),
        limit=draw(st.integers(1, 1000)),
        since_ms=draw(TIMES),
        until_ms=draw(TIMES),
    )


@given(one=candle_queries(), other=candle_queries())
def test_bars_have_equal_keys_only_if_the_questions_are_equal(
    one: CandleQuery, other: CandleQuery
) -> None:
    assert (one.key == other.key) == (one == other)


def test_bounds_that_differ_by_a_millionth_of_a_millionth_are_asked_for_apart() -> None:
    bar = Candle(0, 1.0, 1.0, 1.0, 1.0, 1.0, closed=True)
    one, other = (ForecastQuery(BTC, "1h", 24, share, (bar,)) for share in (0.8, 0.800000000001))

    assert one.key != other.key


def test_from_the_very_beginning_is_not_the_same_as_from_anywhere() -> None:
    assert CandleQuery(BTC, "1h", 5, since_ms=0).key != CandleQuery(BTC, "1h", 5).key


@pytest.mark.parametrize(
    ("query", "key"),
    [
        (PairQuery(BTC), "BTC/USDT"),
        (CandleQuery(BTC, "1h", 5), "BTC/USDT:1h:5:-"),
        (CandleQuery(BTC, "1h", 5, 10, 20), "BTC/USDT:1h:5:10-20"),
        (ListQuery(), "all:2"),
        (RangeQuery("BTC", 10, 20), "BTC:10-20"),
        (Everything(), "all"),
    ],
)
def test_a_question_has_a_short_name(query: Any, key: str) -> None:
    assert query.key == key
    assert query.keys[0] == key


def test_another_dollar_will_do_where_dollars_are_asked() -> None:
    assert PairQuery(Pair("BTC", "USD")).keys == ("BTC/USD", "BTC/USDT", "BTC/USDC")


@pytest.mark.parametrize("pair", [Pair("BTC", "EUR"), Pair("USDT", "USD"), Pair("ETH", "BTC")])
def test_elsewhere_nothing_else_will_do(pair: Pair) -> None:
    assert PairQuery(pair).keys == (str(pair),)


@pytest.mark.parametrize(
    ("query", "settled"),
    [
        (CandleQuery(BTC, "1m", 5), False),
        (CandleQuery(BTC, "1m", 5, since_ms=0), False),
        (CandleQuery(BTC, "1m", 5, until_ms=1_000_000), True),
        (CandleQuery(BTC, "1m", 5, until_ms=1_939_999), True),
        (CandleQuery(BTC, "1m", 5, until_ms=1_940_000), False),
        (RangeQuery("BTC", 0, 1_999_999), True),
        (RangeQuery("BTC", 0, 2_000_000), False),
        (PairQuery(BTC), False),
        (Everything(), False),
    ],
)
def test_only_what_lies_behind_us_can_change_no_more(query: Any, settled: bool) -> None:
    assert query.settled(2_000_000) is settled
