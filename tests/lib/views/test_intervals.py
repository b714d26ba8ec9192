"""Time frames as front ends spell them."""

import pytest

from lib.timeframes import TIMEFRAME_MS
from lib.views.intervals import SPELLINGS, plain_timeframe


@pytest.mark.parametrize(
    ("spelling", "frame"),
    [
        ("1h", "1h"), ("60", "1h"), (60, "1h"), ("1H", "1h"), ("1hour", "1h"), (" 4h ", "4h"),
        ("240", "4h"), ("1", "1m"), ("5min", "5m"), ("D", "1d"), ("1D", "1d"), ("1440", "1d"),
        ("1day", "1d"), ("W", "1w"), ("1week", "1w"), ("10080", "1w"),
    ],
)  # fmt: skip
def test_spellings_of_a_time_frame(spelling: object, frame: str) -> None:
    assert plain_timeframe(spelling) == frame


@pytest.mark.parametrize("other", ["1M", "M", "7m", "", "2h", None, 1.5, ["1h"]])
def test_what_is_none_stays_as_it_is(other: object) -> None:
    assert plain_timeframe(other) == other


def test_a_spelling_never_hides_a_name() -> None:
    assert set(SPELLINGS.values()) <= set(TIMEFRAME_MS)
    assert not set(SPELLINGS) & set(TIMEFRAME_MS)
