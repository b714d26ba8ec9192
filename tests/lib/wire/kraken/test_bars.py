"""Kraken's bars, read."""

from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.queries import CandleQuery
from lib.wire.kraken import parse_candles
from tests.lib.wire.kraken.answers import BTC_USD, DAY_MS, HOUR_MS, MONDAY_MS, NOW_MS, answer, ohlc


def test_bars_are_timed_at_open_and_the_last_one_still_runs() -> None:
    hour = NOW_MS - HOUR_MS
    body = answer({"XXBTZUSD": [ohlc(hour), ohlc(NOW_MS)], "last": hour // 1000})

    candles = parse_candles(body, CandleQuery(BTC_USD, "1h", 10), NOW_MS + 1)

    first, last = candles.bars
    assert (first.open_ms, first.open, first.high, first.low) == (hour, 10.0, 12.0, 9.0)
    assert (first.close, first.volume, first.closed) == (11.0, 2.5, True)
    assert first.quote_volume == 2.5 * 10.5
    assert (last.open_ms, last.closed) == (NOW_MS, False)


def test_weeks_are_days_added_up_from_monday() -> None:
    days = [ohlc(MONDAY_MS + day * DAY_MS, close=f"{10 + day / 10}") for day in range(-3, 2)]

    candles = parse_candles(
        answer({"XXBTZUSD": days, "last": 0}), CandleQuery(BTC_USD, "1w", 5), MONDAY_MS + 2 * DAY_MS
    )

    before, running = candles.bars
    assert (before.open_ms, before.volume, before.close) == (MONDAY_MS - 7 * DAY_MS, 7.5, 9.9)
    assert (running.open_ms, running.volume, running.close) == (MONDAY_MS, 5.0, 10.1)
    assert (before.closed, running.closed) == (True, False)


def test_a_week_that_krakens_window_cuts_through_is_left_out() -> None:
    days = [ohlc(MONDAY_MS - (719 - day) * DAY_MS) for day in range(720)]
    body = answer({"XXBTZUSD": days, "last": 0})

    candles = parse_candles(body, CandleQuery(BTC_USD, "1w", 500), MONDAY_MS)

    # 719 days before a Monday is five days after one
    assert candles.bars[0].open_ms == MONDAY_MS - 714 * DAY_MS
    assert candles.bars[0].volume == 7 * 2.5


@pytest.mark.parametrize(
    "bad",
    [
        [[1, "2"]],
        [["x", "1", "1", "1", "1", "1", "1", 1]],
        [ohlc(NOW_MS + 60_000)],
        [[NOW_MS // 1000, "nan", "12.0", "9.0", "11.0", "10.5", "1", 7]],
        [[NOW_MS // 1000, "10", "12.0", "0", "11.0", "10.5", "1", 7]],
        {"a": 1},
    ],
)
def test_bars_that_are_none_are_malformed(bad: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_candles(answer({"XXBTZUSD": bad}), CandleQuery(BTC_USD, "1h", 10), NOW_MS)
