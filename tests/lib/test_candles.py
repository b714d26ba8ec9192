"""How bars add up, and which rows of bars are sound."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.candles import Bar, build_candles, resample
from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import Candle, Pair
from lib.queries import CandleQuery
from lib.timeframes import TIMEFRAME_MS, open_of

PAIR = Pair("BTC", "USDT")
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
HOUR = 1_764_000_000_000  # Monday 2025-11-24 16:00 UTC
MONDAY = 1_763_942_400_000
LATER = HOUR + 400 * DAY_MS


def bar(open_ms: int, close: float = 11.0, volume: float = 2.0) -> Bar:
    return Bar(open_ms, 10.0, 12.0, 9.0, close, volume)


def query(timeframe: str = "1h", limit: int = 1000, **window: int) -> CandleQuery:
    return CandleQuery(PAIR, timeframe, limit, **window)


@st.composite
def runs(draw: st.DrawFn, timeframe: str = "1m", most: int = 90) -> list[Bar]:
    """Sound bars on the grid, some of them missing."""
    step = TIMEFRAME_MS[timeframe]
    bars = []
    for place in draw(st.lists(st.integers(0, most), min_size=1, unique=True)):
        low, a, b, high = sorted(draw(st.integers(1, 10_000)) / 8 for _ in range(4))
        first, last = (a, b) if draw(st.booleans()) else (b, a)
        bars.append(Bar(HOUR + place * step, first, high, low, last, draw(st.integers(0, 99)) / 4))
    return bars


# adding up


def test_sixty_minutes_make_the_hour_that_a_hand_would_make() -> None:
    minutes = [
        Bar(HOUR + i * MINUTE_MS, 100.0 + i, 170.0 + i % 7, 97.0 - i % 5, 101.0 + i, 0.5)
        for i in range(60)
    ]

    assert resample(minutes, "1h") == [Bar(HOUR, 100.0, 176.0, 93.0, 160.0, 30.0)]


def test_bars_of_two_hours_make_two_hours() -> None:
    halves = [bar(HOUR - 30 * MINUTE_MS), bar(HOUR), bar(HOUR + 30 * MINUTE_MS, close=9.5)]

    assert resample(halves, "1h") == [bar(HOUR - HOUR_MS), bar(HOUR, close=9.5, volume=4.0)]


def test_days_are_added_up_from_monday() -> None:
    days = [bar(MONDAY + day * DAY_MS) for day in range(-1, 8)]

    assert [(b.open_ms, b.volume) for b in resample(days, "1w")] == [
        (MONDAY - 7 * DAY_MS, 2.0),
        (MONDAY, 14.0),
        (MONDAY + 7 * DAY_MS, 2.0),
    ]


def test_nothing_adds_up_to_nothing() -> None:
    assert resample([], "1h") == []


def test_a_bar_that_comes_twice_counts_once_as_its_fuller_self() -> None:
    pages = [bar(HOUR, close=10.5, volume=1.0), bar(HOUR, close=11.5, volume=3.0)]

    assert resample(pages, "1h") == [pages[1]]
    assert [c.close for c in build_candles(query(), pages[::-1], LATER).bars] == [11.5]


def test_quote_volume_is_passed_on_and_adds_up_where_every_part_tells_it() -> None:
    told = [bar(HOUR + i * MINUTE_MS)._replace(quote_volume=20.0 + i) for i in range(2)]
    untold = [*told, bar(HOUR + 2 * MINUTE_MS)]

    (sums, gaps) = (resample(bars, "1h")[0].quote_volume for bars in (told, untold))
    candles = build_candles(query("1m"), untold, LATER).bars

    assert (sums, gaps) == (41.0, None)
    assert [c.quote_volume for c in candles] == [20.0, 21.0, None]


@given(bars=runs(), timeframe=st.sampled_from(["5m", "15m", "1h"]), random=st.randoms())
def test_sums_keep_extremes_ends_and_volume(bars: list[Bar], timeframe: str, random: Any) -> None:
    random.shuffle(bars)
    made = resample(bars, timeframe)

    ordered = sorted(bars)
    assert [b.open_ms for b in made] == sorted({open_of(b.open_ms, timeframe) for b in bars})
    assert (made[0].open, made[-1].close) == (ordered[0].open, ordered[-1].close)
    assert max(b.high for b in made) == max(b.high for b in bars)
    assert min(b.low for b in made) == min(b.low for b in bars)
    assert math.isclose(sum(b.volume or 0 for b in made), sum(b.volume or 0 for b in bars))


@given(bars=runs())
def test_adding_up_in_two_steps_is_adding_up_in_one(bars: list[Bar]) -> None:
    assert resample(resample(bars, "5m"), "1h") == resample(bars, "1h")


ABSURD = [
    Bar(HOUR, math.nan, 12.0, 9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, math.nan, 9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, math.nan, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, math.nan, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, math.nan),
    Bar(HOUR, 10.0, math.inf, 9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, math.inf),
    Bar(HOUR, 10.0, 12.0, 0.0, 11.0, 1.0),
    Bar(HOUR, 0.0, 0.0, 0.0, 0.0, 0.0),
    Bar(HOUR, 10.0, 12.0, -9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, -1.0),
    Bar(HOUR, 10.0, 10.5, 9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 10.5, 11.0, 1.0),
    Bar(HOUR, 13.0, 12.0, 9.0, 11.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 8.0, 1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, 1.0, math.nan),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, 1.0, -1.0),
    Bar(HOUR, 10.0, 12.0, 9.0, 11.0, 1.0, math.inf),
]


@pytest.mark.parametrize("absurd", ABSURD)
def test_a_bar_that_is_none_is_refused_even_inside_a_sum(absurd: Bar) -> None:
    others = [bar(HOUR - MINUTE_MS), bar(HOUR + MINUTE_MS)]

    with pytest.raises(SourceMalformed):
        build_candles(query("1m"), [*others, absurd], LATER)
    with pytest.raises(SourceMalformed):
        resample([*others, absurd], "1d")


# judging


@pytest.mark.parametrize(
    ("timeframe", "open_ms"),
    [
        ("1m", HOUR + 1),
        ("1h", HOUR + MINUTE_MS),
        ("4h", HOUR + HOUR_MS),
        ("1d", HOUR),
        ("1w", MONDAY + 3 * DAY_MS),  # a week anchored at the epoch opens on Thursday
    ],
)
def test_a_bar_off_the_grid_is_refused(timeframe: str, open_ms: int) -> None:
    with pytest.raises(SourceMalformed):
        build_candles(query(timeframe), [bar(open_ms)], LATER)


def test_a_bar_from_the_future_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        build_candles(query(), [bar(HOUR), bar(HOUR + 5 * HOUR_MS)], HOUR + 1)


def test_a_bar_that_opened_before_the_sources_clock_noticed_is_taken() -> None:
    (running,) = build_candles(query(), [bar(HOUR)], HOUR - 1500).bars

    assert not running.closed


def test_a_span_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(SourceMalformed):
        build_candles(query("1m"), [bar(HOUR), bar(HOUR + 30_000 * MINUTE_MS)], LATER)


def test_a_bar_without_a_trade_is_flat_and_marked() -> None:
    bars = [bar(HOUR + 3 * HOUR_MS), bar(HOUR, close=11.5)]

    candles = build_candles(query(), bars, LATER).bars

    assert [c.open_ms for c in candles] == [HOUR + i * HOUR_MS for i in range(4)]
    flat = (11.5, 11.5, 11.5, 11.5, 0.0, True, True, 0.0)
    assert candles[1] == Candle(HOUR + HOUR_MS, *flat)
    assert candles[2] == Candle(HOUR + 2 * HOUR_MS, *flat)
    assert [c.filled for c in candles] == [False, True, True, False]


@pytest.mark.parametrize(
    ("now_ms", "closed"),
    [
        (HOUR + 2 * HOUR_MS - 1, [True, False]),
        (HOUR + 2 * HOUR_MS, [True, True]),
        (HOUR + HOUR_MS - 1, [False, False]),
    ],
)
def test_a_bar_is_closed_once_its_end_has_passed(now_ms: int, closed: list[bool]) -> None:
    candles = build_candles(query(), [bar(HOUR), bar(HOUR + HOUR_MS)], now_ms)

    assert [c.closed for c in candles.bars] == closed


DAY = [bar(HOUR + i * HOUR_MS) for i in range(10)]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        (query(limit=3), [7, 8, 9]),
        (query(limit=3, since_ms=HOUR + 2 * HOUR_MS), [2, 3, 4]),
        (query(limit=3, since_ms=HOUR + 1), [1, 2, 3]),
        (query(limit=3, until_ms=HOUR + 5 * HOUR_MS), [3, 4, 5]),
        (query(limit=3, until_ms=HOUR + 5 * HOUR_MS + 1), [3, 4, 5]),
        (query(limit=9, since_ms=HOUR + HOUR_MS, until_ms=HOUR + 2 * HOUR_MS), [1, 2]),
        (query(limit=1, since_ms=HOUR + HOUR_MS, until_ms=HOUR + 2 * HOUR_MS), [1]),
        (query(limit=99), list(range(10))),
    ],
)
def test_the_newest_are_chosen_or_the_first_from_a_start(
    asked: CandleQuery, places: list[int]
) -> None:
    candles = build_candles(asked, DAY[::-1], LATER)

    assert [(c.open_ms - HOUR) // HOUR_MS for c in candles.bars] == places
    assert (candles.pair, candles.timeframe, candles.time_ms) == (PAIR, "1h", LATER)


@pytest.mark.parametrize("rows", [[], DAY])
def test_no_bar_in_the_range_is_unsupported(rows: list[Bar]) -> None:
    with pytest.raises(SourceUnsupported):
        build_candles(query(since_ms=LATER), rows, LATER)


def test_no_bar_at_all_where_any_would_do_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        build_candles(query(), [], LATER)


def test_a_volume_that_no_one_states_stays_unknown() -> None:
    untold = [bar(HOUR + i * MINUTE_MS)._replace(volume=None) for i in range(2)]

    (candle,) = build_candles(query(), resample(untold, "1h"), LATER).bars

    assert (candle.close, candle.volume) == (11.0, None)


@given(bars=runs("1h"), random=st.randoms(), limit=st.integers(1, 100))
def test_candles_ascend_without_a_gap_and_keep_every_bar(
    bars: list[Bar], random: Any, limit: int
) -> None:
    random.shuffle(bars)
    candles = build_candles(query(limit=limit), bars, LATER).bars

    opens = [c.open_ms for c in candles]
    last = max(b.open_ms for b in bars)
    assert opens == list(range(opens[0], last + 1, HOUR_MS))
    assert len(opens) <= limit
    given_bars = {b.open_ms: b for b in bars}
    for candle in candles:
        known = given_bars.get(candle.open_ms)
        assert candle.filled == (known is None)
        if known:
            values = (candle.open_ms, candle.open, candle.high, candle.low, candle.close)
            assert Bar(*values, candle.volume) == known
