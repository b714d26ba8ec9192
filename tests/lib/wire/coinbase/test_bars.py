"""Coinbase's bars, read and added up."""

from typing import Any

import pytest

from lib.errors import SourceMalformed, SourceUnsupported
from lib.queries import CandleQuery
from lib.wire.coinbase import parse_candles
from tests.lib.wire.coinbase.answers import (
    BTC_USD,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    MONDAY_MS,
    NOW_MS,
    bar,
    encoded,
)


def test_bars_come_oldest_first_and_their_holes_are_filled() -> None:
    page = encoded([bar(NOW_MS, 12.0), bar(NOW_MS - 2 * HOUR_MS)])

    candles = parse_candles([page], CandleQuery(BTC_USD, "1h", 10), NOW_MS + 1)

    first, hole, running = candles.bars
    assert (first.open, first.high, first.low, first.close) == (10.0, 12.0, 9.0, 11.0)
    assert (hole.open, hole.close, hole.volume, hole.filled) == (11.0, 11.0, 0.0, True)
    assert (running.open_ms, running.close, running.closed) == (NOW_MS, 12.0, False)


@pytest.mark.parametrize(
    ("timeframe", "parts", "part_ms"), [("30m", 2, 900_000), ("4h", 4, HOUR_MS)]
)
def test_a_time_frame_that_coinbase_lacks_is_added_up(
    timeframe: str, parts: int, part_ms: int
) -> None:
    page = encoded(
        [bar(MONDAY_MS + part * part_ms, 10.0 + part / 4) for part in range(parts)][::-1]
    )

    candles = parse_candles([page], CandleQuery(BTC_USD, timeframe, 1), NOW_MS)

    (made,) = candles.bars
    assert (made.open_ms, made.open, made.close) == (MONDAY_MS, 10.0, 10.0 + (parts - 1) / 4)
    assert made.volume == parts * 2.5


def test_weeks_open_on_monday() -> None:
    page = encoded([bar(MONDAY_MS + day * DAY_MS) for day in (0, -1, -7)])

    candles = parse_candles([page], CandleQuery(BTC_USD, "1w", 5), NOW_MS)

    assert [(c.open_ms, c.volume, c.closed) for c in candles.bars] == [
        (MONDAY_MS - 7 * DAY_MS, 5.0, True),
        (MONDAY_MS, 2.5, False),
    ]


@pytest.mark.parametrize(
    "page",
    [
        {"message": "no"},
        [[1]],
        [bar(NOW_MS + MINUTE_MS)],
        [[NOW_MS // 1000, 9.0, 12.0, 13.0, 11.0, 1.0]],
        [[NOW_MS // 1000, 0.0, 12.0, 10.0, 11.0, 1.0]],
        [[NOW_MS // 1000, None, None, None, None, None]],
    ],
)
def test_bars_that_are_none_are_malformed(page: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_candles([encoded(page)], CandleQuery(BTC_USD, "1h", 5), NOW_MS)


def test_no_bar_in_the_range_is_unsupported() -> None:
    with pytest.raises(SourceUnsupported):
        parse_candles([b"[]", b"[]"], CandleQuery(BTC_USD, "1h", 5, since_ms=NOW_MS), NOW_MS)
