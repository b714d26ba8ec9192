"""OKX's answers, damaged."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.candles import build_candles
from lib.errors import SourceError
from lib.queries import CandleQuery
from lib.wire.okx import parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.okx_rules import parse_exchange
from tests.lib.providers.venue import mutations, sound
from tests.lib.wire.okx.answers import BAR, BOOK, BTC, NOW_MS, ROW, RULE, TRADE, reply

PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [reply([ROW, {**ROW, "instId": "ETH-BTC"}])]),
    (
        lambda body: build_candles(CandleQuery(BTC, "1m", 9), parse_bars(body), NOW_MS),
        [reply([BAR])],
    ),
    (partial(parse_book, pair=BTC, time_ms=7), [reply([BOOK])]),
    (partial(parse_trades, pair=BTC, time_ms=7), [reply([TRADE, {**TRADE, "tradeId": "3"}])]),
    (partial(parse_exchange, time_ms=7), [reply([RULE])]),
]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("parse", "bodies"), PARSERS)
def test_a_mutated_answer_is_sound_or_refused(
    parse: Any, bodies: list[object], data: st.DataObject
) -> None:
    body = data.draw(mutations(bodies))

    try:
        value = parse(body)
    except SourceError:
        return
    assert sound(value)
