"""Where bars open."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market import Timeframe
from lib.timeframes import TIMEFRAME_MS, open_of

FRAMES = st.sampled_from(sorted(TIMEFRAME_MS))
MOMENTS = st.integers(0, 4_102_444_800_000)  # 1970 to 2100


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_every_time_frame_of_the_vocabulary_has_a_length() -> None:
    assert set(TIMEFRAME_MS) == set(get_args(Timeframe))


@pytest.mark.parametrize(
    ("timeframe", "opens"),
    [
        ("1m", "2025-11-26 18:47:00"),
        ("5m", "2025-11-26 18:45:00"),
        ("15m", "2025-11-26 18:45:00"),
        ("30m", "2025-11-26 18:30:00"),
        ("1h", "2025-11-26 18:00:00"),
        ("4h", "2025-11-26 16:00:00"),
        ("1d", "2025-11-26 00:00:00"),
        ("1w", "2025-11-24 00:00:00"),
    ],
)
def test_a_moment_belongs_to_the_bar_that_opened_before_it(timeframe: str, opens: str) -> None:
    assert open_of(ms("2025-11-26 18:47:31.250"), timeframe) == ms(opens)


@given(time_ms=MOMENTS, timeframe=FRAMES)
def test_a_bar_holds_the_moment_and_opens_where_it_opens(time_ms: int, timeframe: str) -> None:
    opens = open_of(time_ms, timeframe)

    assert opens <= time_ms < opens + TIMEFRAME_MS[timeframe]
    assert open_of(opens, timeframe) == opens
    assert open_of(opens - 1, timeframe) == opens - TIMEFRAME_MS[timeframe]


@given(time_ms=MOMENTS)
def test_weeks_open_on_monday_at_midnight(time_ms: int) -> None:
    opens = datetime.fromtimestamp(open_of(time_ms, "1w") / 1000, UTC)

    assert (opens.weekday(), opens.hour, opens.minute, opens.second) == (0, 0, 0, 0)


@given(time_ms=MOMENTS, frames=st.sampled_from([("1m", "5m"), ("15m", "30m"), ("30m", "1h")]))
def test_a_longer_bar_opens_with_a_shorter_one(time_ms: int, frames: tuple[str, str]) -> None:
    short, long = frames
    opens = open_of(time_ms, long)

    assert open_of(opens, short) == opens
    assert open_of(open_of(time_ms, short), long) == opens


@given(time_ms=MOMENTS)
def test_days_fit_into_weeks_and_four_hours_into_days(time_ms: int) -> None:
    assert open_of(open_of(time_ms, "1w"), "1d") == open_of(time_ms, "1w")
    assert open_of(open_of(time_ms, "1d"), "4h") == open_of(time_ms, "1d")
