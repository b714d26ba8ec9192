"""Binance's answers as documented, and as they come damaged."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.candles import Bar, build_candles
from lib.errors import SourceError
from lib.market import Trade
from lib.queries import CandleQuery
from lib.wire.binance import error_code, parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.binance_rules import parse_exchange
from tests.lib.providers.venue import mutations, sound
from tests.lib.wire.binance.answers import BTC, DEPTH, INFO, KLINE, NOW_MS, TICKER, TRADE, as_bytes


def test_the_documented_examples_read() -> None:
    board = parse_tickers(as_bytes([TICKER]), 1)
    trades = parse_trades(as_bytes([TRADE]), BTC, 7)

    ticker = board["BNB/BTC"]
    assert (ticker.last, ticker.change_percent, ticker.volume) == (4.000002, -95.96, 15.3)
    assert (ticker.base_volume, ticker.time_ms) == (8913.3, 1499869899040)
    assert trades.rows == (Trade("28457", 1499865549590, 4.1, 12.0, "sell"),)
    assert parse_bars(as_bytes([KLINE])) == [
        Bar(1499040000000, 0.0163479, 0.8, 0.015758, 0.015771, 148976.11, 2434.19)
    ]


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"code":-1121,"msg":"x"}', -1121), (b"[]", None), (b"", None)]
)
def test_its_own_error_code_is_read(body: bytes, code: int | None) -> None:
    assert error_code(body) == code


PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [[TICKER, {**TICKER, "symbol": "ETHBTC"}]]),
    (lambda body: build_candles(CandleQuery(BTC, "1w", 9), parse_bars(body), NOW_MS), [[KLINE]]),
    (partial(parse_book, pair=BTC, time_ms=7), [DEPTH]),
    (partial(parse_trades, pair=BTC, time_ms=7), [[TRADE, {**TRADE, "id": 28458}]]),
    (partial(parse_exchange, time_ms=7), [INFO]),
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
