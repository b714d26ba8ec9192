"""Which bars a query asks for, and in how many calls."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import SourceUnavailable, SourceUnsupported
from lib.market import Pair
from lib.queries import CandleQuery
from lib.timeframes import DAY_MS, HOUR_MS, TIMEFRAME_MS, open_of
from lib.wire.spans import Span, cut_span, together, whole_span

NOW_MS = 1_764_000_000_000  # 2025-11-24T16:00Z, a Monday
MONDAY_MS = NOW_MS - 16 * HOUR_MS
FRIDAY_MS = MONDAY_MS - 3 * DAY_MS


def query(
    timeframe: str, limit: int, since_ms: int | None = None, until_ms: int | None = None
) -> CandleQuery:
    return CandleQuery(Pair("BTC", "USDT"), timeframe, limit, since_ms, until_ms)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        (query("1h", 1), Span(NOW_MS, NOW_MS)),
        (query("1h", 3), Span(NOW_MS - 2 * HOUR_MS, NOW_MS)),
        (query("1w", 2), Span(MONDAY_MS - 7 * DAY_MS, MONDAY_MS)),
        (query("1h", 2, None, NOW_MS - 1), Span(NOW_MS - 2 * HOUR_MS, NOW_MS - HOUR_MS)),
        (query("1h", 2, None, NOW_MS + 9 * DAY_MS), Span(NOW_MS - HOUR_MS, NOW_MS)),
        (query("1d", 2, FRIDAY_MS), Span(FRIDAY_MS, FRIDAY_MS + DAY_MS)),
        (query("1d", 9, MONDAY_MS - DAY_MS + 1), Span(MONDAY_MS, MONDAY_MS)),
        (query("1d", 9, 0, DAY_MS), Span(0, DAY_MS)),
    ],
)
def test_a_query_spans_these_opens(asked: CandleQuery, span: Span) -> None:
    assert whole_span(asked, NOW_MS) == span


def test_a_range_in_the_future_has_no_bar() -> None:
    with pytest.raises(SourceUnsupported):
        whole_span(query("1h", 5, NOW_MS + 1), NOW_MS)


@given(
    timeframe=st.sampled_from(sorted(TIMEFRAME_MS)),
    limit=st.integers(1, 5000),
    back=st.none() | st.integers(0, NOW_MS),
    most=st.sampled_from([100, 300, 1000, 1500]),
)
def test_calls_cover_the_span_once_and_in_order(
    timeframe: str, limit: int, back: int | None, most: int
) -> None:
    since = None if back is None else NOW_MS - back
    step = TIMEFRAME_MS[timeframe]
    try:
        span = whole_span(query(timeframe, limit, since), NOW_MS)
        cuts = cut_span(span, timeframe, most)
    except SourceUnsupported:
        return

    opens = [t for cut in cuts for t in range(cut.first_ms, cut.last_ms + 1, step)]
    assert opens == list(range(span.first_ms, span.last_ms + 1, step))
    assert 0 < len(opens) <= limit
    assert all(open_of(t, timeframe) == t >= 0 for t in opens)
    assert all((cut.last_ms - cut.first_ms) // step < most for cut in cuts)
    assert len(cuts) <= 4


def test_a_span_of_too_many_calls_is_refused() -> None:
    span = whole_span(query("1m", 401), NOW_MS)

    with pytest.raises(SourceUnsupported):
        cut_span(span, "1m", 100)


@pytest.mark.anyio
async def test_calls_side_by_side_answer_in_order() -> None:
    turn = asyncio.Event()

    async def waits() -> str:
        await turn.wait()
        return "first"

    async def goes_on() -> str:
        turn.set()
        return "second"

    assert await together([waits(), goes_on()]) == ["first", "second"]


@pytest.mark.anyio
async def test_the_first_failure_ends_the_others() -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise SourceUnavailable("down")

    with pytest.raises(SourceUnavailable):
        await together([waits(), fails()])

    assert ended.is_set()


def test_an_end_before_the_first_bar_is_unsupported() -> None:
    with pytest.raises(SourceUnsupported):
        whole_span(CandleQuery(Pair("BTC", "USDT"), "1h", 10, until_ms=1000), 1_764_000_000_000)
