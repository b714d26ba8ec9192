"""Binance's tickers, read."""

import pytest

from lib.errors import SourceMalformed
from lib.wire.binance import parse_tickers
from tests.conftest import Corpus
from tests.lib.wire.binance.answers import TICKER, as_bytes


def test_every_recorded_ticker_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("binance/ticker24hr_all_symbols"), 1)
    oracle = corpus.oracle("binance_ticker24hr")

    differing = {}
    for wire, theirs in oracle.items():
        if theirs["last"] is None:
            continue
        ours = board.get(theirs["symbol"])
        read = ours and [
            *(ours.last, ours.bid, ours.ask, ours.high, ours.low, ours.change_percent),
            *(ours.volume, ours.base_volume, ours.time_ms),
        ]
        fields = "last bid ask high low percentage quoteVolume baseVolume timestamp".split()
        if read != [theirs[name] for name in fields]:
            differing[wire] = read

    assert differing == {}


def test_recorded_tickers_without_a_price_are_left_out(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("binance/ticker24hr_all_symbols"), 1)

    dead = [row for row in corpus.oracle("binance_ticker24hr").values() if row["last"] is None]

    assert (len(dead), len(board)) == (51, 595 - 51)
    assert not {row["symbol"] for row in dead} & set(board)


@pytest.mark.parametrize("field", ["lastPrice", "closeTime", "symbol"])
@pytest.mark.parametrize("odd", ["x", [], {}, True, -(10**9)])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**TICKER, "symbol": "ETHBTC"}

    board = parse_tickers(as_bytes([{**TICKER, field: odd}, other]), 1)

    assert list(board) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0.00000000", "nan", "inf", "-1", "", None, 0])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(as_bytes([{**TICKER, "lastPrice": last}]), 1)


def test_a_halted_pair_that_keeps_its_last_price_is_left_out() -> None:
    halted = {**TICKER, "bidPrice": "0.0", "askPrice": "0.0", "volume": "0", "quoteVolume": "0.0"}

    board = parse_tickers(as_bytes([halted, {**TICKER, "symbol": "ETHBTC"}]), 1)

    assert list(board) == ["ETH/BTC"]


def test_unknown_is_none_and_never_zero() -> None:
    bare = {"symbol": "BNBBTC", "lastPrice": "4.0", "quoteVolume": "15.3", "bidPrice": "0.000"}

    ticker = parse_tickers(as_bytes([bare]), 77)["BNB/BTC"]

    assert (ticker.bid, ticker.ask, ticker.high, ticker.low) == (None, None, None, None)
    assert (ticker.change_percent, ticker.base_volume, ticker.time_ms) == (None, None, 77)


@pytest.mark.parametrize("close_time", [0, "", None])
def test_a_time_that_is_not_stated_is_that_of_the_answer(close_time: object) -> None:
    row = {**TICKER, "closeTime": close_time}

    assert parse_tickers(as_bytes([row]), 77)["BNB/BTC"].time_ms == 77
