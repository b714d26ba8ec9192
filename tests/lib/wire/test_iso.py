"""Times in words and in seconds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.wire.iso import parse_iso, read_seconds, tidy_iso


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("1970-01-02T00:00:00Z", 86_400_000),
        ("1970-01-02T00:00:00.250Z", 86_400_250),
        ("1970-01-02T01:00:00+01:00", 86_400_000),
        ("1970-01-02T00:00:00", 86_400_000),
        ("1970-01-02", 86_400_000),
        ("1969-12-31T00:00:00Z", None),
        ("1969-12-31T23:59:59.5Z", None),
        ("9999-12-31T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_in_words_becomes_milliseconds(text: str | None, time_ms: int | None) -> None:
    assert parse_iso(text) == time_ms


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("2025-10-06T10:57:42.000Z", "2025-10-06T10:57:42Z"),
        ("2025-10-06T12:57:42+02:00", "2025-10-06T10:57:42Z"),
        ("2017-12-30", "2017-12-30"),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_date_is_shown_in_one_form_and_bare_where_it_came_bare(
    text: str | None, tidy: str | None
) -> None:
    assert tidy_iso(text) == tidy


@pytest.mark.parametrize(
    ("seconds", "time_ms"),
    [
        (1.5, 1500),
        (1_621_346_159, 1_621_346_159_000),
        *[(wrong, None) for wrong in (0, -1, None, 1_621_346_159_000, math.nan, math.inf)],
    ],
)
def test_seconds_become_milliseconds(seconds: float | None, time_ms: int | None) -> None:
    assert read_seconds(seconds) == time_ms


@given(st.text(max_size=30) | st.datetimes().map(str))
def test_no_text_breaks_it(text: str) -> None:
    assert (parse_iso(text) is None) == (tidy_iso(text) is None)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-13T11:00:17.710679Z",
        "2024-03-13T11:00:17.710Z",
        "2024-03-13T11:00:17.710999999Z",
        "2024-03-13T12:00:17.7106+01:00",
    ],
)
def test_a_moment_counts_to_the_millisecond_that_it_falls_into(text: str) -> None:
    assert parse_iso(text) == 1_710_327_617_710
