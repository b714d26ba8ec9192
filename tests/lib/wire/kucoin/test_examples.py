"""KuCoin's answers as documented, as of 2024, and as they come damaged."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.candles import Bar, build_candles
from lib.errors import SourceError
from lib.market import Trade
from lib.queries import CandleQuery
from lib.wire.kucoin import parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.kucoin_rules import parse_exchange
from tests.conftest import Corpus
from tests.lib.providers.venue import mutations, sound
from tests.lib.wire.kucoin.answers import BAR, BOOK, BTC, NOW_MS, ROW, SYMBOL, TRADE, reply


def test_documented_and_recorded_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    documented = parse_bars(corpus.body("kucoin/doc_GetKlines"))
    recorded = parse_bars(corpus.body("kucoin/sdk2024_klines"))

    assert [list(bar[:6]) for bar in documented] == corpus.oracle("kucoin_doc_GetKlines")
    assert recorded[0] == Bar(
        *(1566789720000, 10411.5, 10411.5, 10396.3, 10401.9, 29.11357276, 302889.301529914)
    )
    candles = build_candles(CandleQuery(BTC, "1m", 3), recorded, NOW_MS)
    assert [bar.close for bar in candles.bars] == [10416.0, 10411.5, 10401.9]


def test_the_answers_of_2024_read(corpus: Corpus) -> None:
    ticker = parse_tickers(corpus.body("kucoin/sdk2024_allTickers"), 1)["BTC/USDT"]
    trades = parse_trades(corpus.body("kucoin/sdk2024_trade_histories"), BTC, 7)
    rule = parse_exchange(corpus.body("kucoin/sdk2024_symbols"), 7).rules[0]

    assert (ticker.last, ticker.bid, ticker.ask) == (67193.0, 67192.5, 67192.6)
    assert (ticker.change_percent, ticker.time_ms) == (-0.14, 1729173207043)
    assert (ticker.volume, ticker.base_volume) == (124068431.06726933, 1836.03034612)
    assert trades.rows[0] == Trade("10976028003549185", 1729177117877, 67122.0, 0.000025, "buy")
    assert len(trades.rows) == 3
    assert (rule.maker_fee, rule.taker_fee, rule.min_amount) == (0.001, 0.001, 0.00001)


PARSERS: list[tuple[Any, list[object]]] = [
    (partial(parse_tickers, time_ms=7), [reply({"time": NOW_MS, "ticker": [ROW, ROW]})]),
    (
        lambda body: build_candles(CandleQuery(BTC, "1m", 9), parse_bars(body), NOW_MS),
        [reply([BAR])],
    ),
    (partial(parse_book, pair=BTC, time_ms=7), [reply(BOOK)]),
    (partial(parse_trades, pair=BTC, time_ms=7), [reply([TRADE, {**TRADE, "sequence": "155"}])]),
    (partial(parse_exchange, time_ms=7), [reply([SYMBOL])]),
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
