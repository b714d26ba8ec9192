"""Coinbase's answers, damaged."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import SourceError
from lib.queries import CandleQuery
from lib.wire.coinbase import parse_book, parse_candles, parse_stats, parse_ticker, parse_trades
from tests.lib.providers.venue import mutations, sound
from tests.lib.wire.coinbase.answers import (
    BOOK,
    BTC_USD,
    HOUR_MS,
    NOW_MS,
    STATS,
    TICKER,
    TRADES,
    bar,
    encoded,
)

# whatever comes

BARS = [bar(NOW_MS), bar(NOW_MS - HOUR_MS)]
READERS: list[tuple[Callable[[bytes], Any], Any]] = [
    (lambda body: parse_ticker(body, BTC_USD, NOW_MS, parse_stats(encoded(STATS))), TICKER),
    (lambda body: parse_ticker(encoded(TICKER), BTC_USD, NOW_MS, parse_stats(body)), STATS),
    (lambda body: parse_book(body, BTC_USD, NOW_MS), BOOK),
    (lambda body: parse_trades(body, BTC_USD, NOW_MS), TRADES),
    (lambda body: parse_candles([body], CandleQuery(BTC_USD, "1h", 9), NOW_MS), BARS),
    (lambda body: parse_candles([body], CandleQuery(BTC_USD, "4h", 9), NOW_MS), BARS),
]


@pytest.mark.parametrize(("read", "good"), READERS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_soundly(
    data: st.DataObject, read: Callable[[bytes], Any], good: Any
) -> None:
    damaged = data.draw(mutations([good]))
    try:
        found = read(damaged)
    except SourceError:
        return
    assert sound(found)
    for candle in getattr(found, "bars", ()):
        assert 0 < candle.low <= min(candle.open, candle.close)
        assert max(candle.open, candle.close) <= candle.high < math.inf
        assert 0 <= candle.volume < math.inf
