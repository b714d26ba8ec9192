"""KuCoin's tickers, read, and its names of pairs."""

import pytest

from lib.errors import SourceMalformed
from lib.wire.kucoin import parse_tickers
from tests.conftest import Corpus
from tests.lib.wire.kucoin.answers import ROW, as_bytes


def board_of(*rows: object) -> bytes:
    return as_bytes({"time": 1729173207043, "ticker": list(rows)})


def test_recorded_tickers_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    board = parse_tickers(corpus.body("kucoin/allTickers"), 1)

    differing = {}
    oracle = corpus.oracle("kucoin_allTickers")
    for wire, theirs in oracle.items():
        ours = board.get(theirs["symbol"])
        read = ours and [
            *(ours.last, ours.bid, ours.ask, ours.high, ours.low, ours.change_percent),
            *(ours.volume, ours.base_volume),
        ]
        fields = "last bid ask high low percentage quoteVolume baseVolume".split()
        if read != [theirs[name] for name in fields]:
            differing[wire] = ours and (ours.change_percent, theirs["percentage"])

    assert len(oracle) == len(board) == 394
    # nobody traded these ten: KuCoin says that nothing changed, the oracle says nothing
    quiet = "OMX-ETH DCR-ETH APH-ETH SNC-ETH DCC-USDT MKR-DAI BU-ETH TFL-ETH MVP-ETH BTC-DAI"
    # and here KuCoin's four decimals round to 0 what the oracle computes from the open
    rounded = {"NEO-ETH": (0.0, -0.0029274576006557)}
    assert differing == dict.fromkeys(quiet.split(), (0.0, None)) | rounded


def test_recorded_tickers_that_lack_high_and_low_are_kept(corpus: Corpus) -> None:
    wire = corpus.recording("kucoin/allTickers")["body"]["data"]["ticker"]
    quiet = [row["symbol"].replace("-", "/") for row in wire if "high" not in row]

    board = parse_tickers(corpus.body("kucoin/allTickers"), 1)

    assert len(quiet) == 10
    assert all(board[symbol].high is None for symbol in quiet)


def test_a_pair_goes_by_the_name_that_kucoin_shows() -> None:
    rows = [{**ROW, "symbol": "BCHSV-USDT", "symbolName": "BSV-USDT"}, {**ROW, "symbol": "X-Y-Z"}]

    board = parse_tickers(board_of(*rows), 1)

    assert set(board) == {"BSV/USDT", "BTC/USDT"}


@pytest.mark.parametrize("symbol", ["BTC", "BTC-", "-USDT", "A-B-C", "ß-USDT", "狗-USDT", ""])
def test_what_is_no_symbol_is_left_out(symbol: str) -> None:
    odd = {**ROW, "symbol": symbol, "symbolName": None}

    assert list(parse_tickers(board_of(odd, ROW), 1)) == ["BTC/USDT"]


@pytest.mark.parametrize(("field", "odd"), [("last", "x"), ("symbol", 7), ("buy", []), ("vol", {})])
def test_an_absurd_row_costs_only_itself(field: str, odd: object) -> None:
    other = {**ROW, "symbol": "ETH-BTC", "symbolName": "ETH-BTC"}

    assert list(parse_tickers(board_of({**ROW, field: odd}, other), 1)) == ["ETH/BTC"]


@pytest.mark.parametrize("last", ["0", "nan", "inf", "-1", "", None])
def test_a_board_without_a_price_is_malformed(last: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_tickers(board_of({**ROW, "last": last}), 1)


def test_zero_bids_and_absent_changes_are_unknown() -> None:
    row = {**ROW, "buy": "0", "sell": None, "changeRate": None, "volValue": ""}
    body = as_bytes({"ticker": [row]})

    ticker = parse_tickers(body, 77)["BTC/USDT"]

    assert (ticker.bid, ticker.ask, ticker.change_percent, ticker.volume) == (None,) * 4
    assert ticker.time_ms == 77


def test_a_halted_pair_that_keeps_its_last_price_is_left_out() -> None:
    halted = {**ROW, "buy": None, "sell": None, "vol": "0", "volValue": "0"}
    other = {**ROW, "symbol": "ETH-BTC", "symbolName": "ETH-BTC"}

    assert list(parse_tickers(board_of(halted, other), 1)) == ["ETH/BTC"]


@pytest.mark.parametrize("time", ["", 0, None])
def test_a_time_that_is_not_stated_is_that_of_the_answer(time: object) -> None:
    body = as_bytes({"time": time, "ticker": [ROW]})

    assert parse_tickers(body, 77)["BTC/USDT"].time_ms == 77
