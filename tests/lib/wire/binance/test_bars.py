"""Binance's bars, read."""

import pytest

from lib.candles import build_candles
from lib.queries import CandleQuery
from lib.wire.binance import parse_bars
from tests.conftest import Corpus
from tests.lib.wire.binance.answers import BTC, NOW_MS


def test_recorded_bars_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    bars = parse_bars(corpus.body("binance/klines_BTCUSDT_1d_page1"))

    wire = corpus.recording("binance/klines_BTCUSDT_1d_page1")["body"]
    assert [bar.quote_volume for bar in bars] == [float(row[7]) for row in wire]
    assert [list(bar[:6]) for bar in bars] == corpus.oracle("binance_klines_BTCUSDT_1d_page1")


@pytest.mark.parametrize(
    "name", ["klines_BTCUSDT_1d_page1", "klines_ETHUSDT_1d_page1", "klines_TONUSDT_1d_short"]
)
def test_recorded_days_make_candles_without_gaps(corpus: Corpus, name: str) -> None:
    wire = corpus.recording(f"binance/{name}")["body"]
    query = CandleQuery(BTC, "1d", len(wire))

    candles = build_candles(query, parse_bars(corpus.body(f"binance/{name}")), NOW_MS)

    assert [bar.open_ms for bar in candles.bars] == [row[0] for row in wire]
    assert [bar.close for bar in candles.bars] == [float(row[4]) for row in wire]
    assert not any(bar.filled for bar in candles.bars)
