"""Kraken's envelope: errors that come with HTTP 200, warnings, damage."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from lib.errors import SourceError, SourceThrottled, SourceUnavailable, SourceUnsupported
from lib.queries import CandleQuery
from lib.wire.kraken import parse_book, parse_candles, parse_rates, parse_tickers, parse_trades
from lib.wire.kraken_rules import parse_exchange
from tests.lib.providers.venue import mutations, sound
from tests.lib.wire.kraken.answers import (
    BARS,
    BOARD,
    BOOK,
    BTC_USD,
    DAY_MS,
    MONDAY_MS,
    NOW_MS,
    PAIRS,
    TRADES,
    answer,
    ohlc,
    row,
)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("EQuery:Unknown asset pair", SourceUnsupported),
        ("EQuery:Invalid asset pair", SourceUnsupported),
        ("EGeneral:Invalid arguments:Invalid interval", SourceUnsupported),
        ("EAPI:Rate limit exceeded", SourceThrottled),
        ("EGeneral:Too many requests", SourceThrottled),
        ("EGeneral:Temporary lockout", SourceThrottled),
        ("EService:Unavailable", SourceUnavailable),
        ("EService:Busy", SourceUnavailable),
        ("EGeneral:Internal error", SourceUnavailable),
        ("EAPI:Feature disabled", SourceUnavailable),
    ],
)
@pytest.mark.parametrize("result", [None, {}, {"XXBTZUSD": {}}])
def test_an_error_in_the_body_is_raised_for_what_it_is(
    said: str, error: type[SourceError], result: Any
) -> None:
    with pytest.raises(SourceError) as caught:
        parse_book(answer(result, said), BTC_USD, NOW_MS)
    assert caught.type is error


def test_a_warning_is_no_error() -> None:
    body = answer({"XXBTZUSD": row()}, "WGeneral:Something is about to change")

    assert parse_tickers(body, NOW_MS)


DAYS = answer({"XXBTZUSD": [ohlc(MONDAY_MS - DAY_MS), ohlc(MONDAY_MS)], "last": 1})


READERS: list[tuple[Callable[..., Any], bytes]] = [
    (parse_tickers, BOARD),
    (parse_rates, BOARD),
    (parse_exchange, PAIRS),
    (lambda body, now: parse_book(body, BTC_USD, now), BOOK),
    (lambda body, now: parse_trades(body, BTC_USD, now), TRADES),
    (lambda body, now: parse_candles(body, CandleQuery(BTC_USD, "1h", 10), now), BARS),
    (lambda body, now: parse_candles(body, CandleQuery(BTC_USD, "1w", 10), now), DAYS),
]


@pytest.mark.parametrize(("read", "body"), READERS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_soundly(
    data: st.DataObject, read: Callable[..., Any], body: bytes
) -> None:
    damaged = data.draw(mutations([json.loads(body)]))
    try:
        found = read(damaged, NOW_MS)
    except SourceError:
        return
    assert sound(found)
    assert all(math.isfinite(number) for number in numbers(found))


def numbers(value: Any) -> list[float]:
    """Every float inside a result."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, Struct):
        value = msgspec.structs.astuple(value)
    if isinstance(value, tuple | list):
        return [number for item in value for number in numbers(item)]
    return []
