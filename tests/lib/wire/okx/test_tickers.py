"""OKX's tickers, read."""

import pytest

from lib.errors import SourceMalformed
from lib.wire.okx import parse_tickers
from tests.conftest import Corpus
from tests.lib.providers.venue import raised
from tests.lib.wire.okx.answers import ROW, as_bytes


def test_the_documented_ticker_of_a_swap_is_no_pair(corpus: Corpus) -> None:
    assert raised(lambda: parse_tickers(corpus.body("okx/doc_GetTicker"), 1)) is SourceMalformed


def test_the_documented_ticker_reads_as_a_spot_pair(corpus: Corpus) -> None:
    row = corpus.recording("okx/doc_GetTicker")["body"]["data"][0]

    board = parse_tickers(as_bytes([{**row, "instType": "SPOT", "instId": "BTC-USDT"}]), 1)

    ticker = board["BTC/USDT"]
    assert (ticker.last, ticker.bid, ticker.ask) == (9999.99, 8888.88, 9999.99)
    assert (ticker.high, ticker.low, ticker.time_ms) == (10000.0, 8888.88, 1597026383085)
    assert (ticker.volume, ticker.base_volume) == (2222.0, 2222.0)
    assert ticker.change_percent == pytest.approx(11.111)  # 999.99 of 9000


@pytest.mark.parametrize(("field", "odd"), [("last", "x"), ("instId", 7), ("ts", "-1")])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**ROW, "instId": "ETH-BTC"}

    assert list(parse_tickers(as_bytes([{**ROW, field: odd}, other]), 1)) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0", "nan", "inf", "-1", "", None])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(as_bytes([{**ROW, "last": last}]), 1)


def test_empty_fields_are_unknown_and_not_fatal() -> None:
    row = {**ROW, "askPx": "", "bidPx": "0", "open24h": "", "vol24h": ""}
    row.pop("ts")

    ticker = parse_tickers(as_bytes([row]), 77)["BTC/USDT"]

    assert (ticker.bid, ticker.ask, ticker.change_percent, ticker.base_volume) == (None,) * 4
    assert (ticker.volume, ticker.time_ms) == (22220000.0, 77)


def test_a_halted_pair_that_keeps_its_last_price_is_left_out() -> None:
    halted = {**ROW, "askPx": "", "bidPx": "", "volCcy24h": "0", "vol24h": "0"}

    board = parse_tickers(as_bytes([halted, {**ROW, "instId": "ETH-BTC"}]), 1)

    assert list(board) == ["ETH/BTC"]


@pytest.mark.parametrize("ts", ["", "0", 0, None])
def test_a_time_that_is_not_stated_is_that_of_the_answer(ts: object) -> None:
    assert parse_tickers(as_bytes([{**ROW, "ts": ts}]), 77)["BTC/USDT"].time_ms == 77
