"""Calendar months in UTC."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market import Candle
from lib.months import by_month, month_close, month_open

DAY_MS = 86_400_000


def at(year: int, month: int, day: int = 1, **time: int) -> int:
    """Unix milliseconds of a moment in UTC."""
    return int(datetime(year, month, day, tzinfo=UTC, **time).timestamp() * 1000)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("moment", "opened", "closed"),
    [
        (at(2025, 11, 24, hour=16), at(2025, 11), at(2025, 12)),
        (at(2025, 12, 31, hour=23, minute=59), at(2025, 12), at(2026, 1)),
        (at(2025, 2, 28), at(2025, 2), at(2025, 3)),
        (at(2024, 2, 29), at(2024, 2), at(2024, 3)),
        (at(2025, 1), at(2025, 1), at(2025, 2)),
        (0, 0, at(1970, 2)),
    ],
)
def test_a_month_begins_on_its_first_and_ends_on_the_next(
    moment: int, opened: int, closed: int
) -> None:
    assert (month_open(moment), month_close(moment)) == (opened, closed)


@given(st.integers(0, 9_999_999_999_999))
def test_every_moment_is_in_its_own_month(moment: int) -> None:
    opened = datetime.fromtimestamp(month_open(moment) / 1000, UTC)
    days = monthrange(opened.year, opened.month)[1]

    assert (opened.day, opened.hour, opened.minute, opened.second) == (1, 0, 0, 0)
    assert month_open(moment) <= moment < month_close(moment)
    assert month_close(moment) == month_open(moment) + days * DAY_MS


def days(first: datetime, count: int) -> list[Candle]:
    """Closed days, each opening at 10 + n and closing at 11 + n."""
    return [
        Candle(
            open_ms=int((first + timedelta(days=n)).timestamp() * 1000),
            open=10.0 + n,
            high=20.0 + n,
            low=5.0 + n,
            close=11.0 + n,
            volume=2.0,
            closed=True,
            quote_volume=3.0,
        )
        for n in range(count)
    ]


def test_days_add_up_into_months() -> None:
    january, february = by_month(days(datetime(2025, 1, 1, tzinfo=UTC), 31 + 28))

    assert january == Candle(
        open_ms=at(2025, 1),
        open=10.0,
        high=50.0,
        low=5.0,
        close=41.0,
        volume=62.0,
        closed=True,
        quote_volume=93.0,
    )
    assert (february.open_ms, february.open, february.close) == (at(2025, 2), 41.0, 69.0)
    assert (february.low, february.closed) == (36.0, True)


def test_a_month_without_its_last_day_is_not_closed() -> None:
    [month] = by_month(days(datetime(2025, 1, 1, tzinfo=UTC), 30))

    assert month.closed is False


def test_a_month_whose_last_day_is_running_is_not_closed() -> None:
    *closed, last = days(datetime(2025, 1, 1, tzinfo=UTC), 31)
    running = Candle(last.open_ms, 1.0, 1.0, 1.0, 1.0, 1.0, closed=False)

    [month] = by_month([*closed, running])

    assert month.closed is False


def test_a_single_day_is_its_month() -> None:
    [day] = days(datetime(2025, 1, 15, tzinfo=UTC), 1)

    [month] = by_month([day])

    assert (month.open_ms, month.open, month.closed) == (at(2025, 1), 10.0, False)


def test_a_day_without_a_volume_leaves_its_month_without_one() -> None:
    first, second = days(datetime(2025, 1, 1, tzinfo=UTC), 2)
    silent = Candle(second.open_ms, 1.0, 1.0, 1.0, 1.0, None, closed=True)

    [month] = by_month([first, silent])

    assert (month.volume, month.quote_volume) == (None, None)


def test_no_days_are_no_months() -> None:
    assert by_month([]) == []
