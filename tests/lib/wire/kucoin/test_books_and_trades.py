"""KuCoin's books and trades, read."""

import pytest

from lib.errors import SourceError, SourceMalformed, SourceUnsupported
from lib.market import Pair
from lib.wire.kucoin import parse_book, parse_trades
from tests.conftest import Corpus
from tests.lib.providers.venue import raised
from tests.lib.wire.kucoin.answers import BOOK, BTC, TRADE, as_bytes


@pytest.mark.parametrize("name", ["ANKR-BTC", "SNX-BTC"])
def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus, name: str) -> None:
    theirs = corpus.oracle(f"kucoin_orderbook_level2_{name}")

    book = parse_book(corpus.body(f"kucoin/orderbook_level2_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == theirs["bids"]
    assert [list(level) for level in book.asks] == theirs["asks"]
    assert book.time_ms == theirs["timestamp"]


@pytest.mark.parametrize("name", ["BCHSV-USDT", "CAPP-BTC"])
def test_a_recorded_book_that_is_in_order_reads_whole(corpus: Corpus, name: str) -> None:
    wire = corpus.recording(f"kucoin/orderbook_level2_{name}")["body"]["data"]

    book = parse_book(corpus.body(f"kucoin/orderbook_level2_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == [[float(x) for x in r] for r in wire["bids"]]
    assert [list(level) for level in book.asks] == [[float(x) for x in r] for r in wire["asks"]]
    assert book.time_ms == wire["time"]


def test_the_recorded_book_with_its_worst_ask_first_is_put_in_order(corpus: Corpus) -> None:
    wire = corpus.recording("kucoin/orderbook_vcr")["body"]["data"]

    book = parse_book(corpus.body("kucoin/orderbook_vcr"), Pair("KCS", "BTC"), 7)

    best_first = [[float(x) for x in level] for level in reversed(wire["asks"])]
    assert [list(level) for level in book.asks] == best_first
    assert (len(book.bids), book.time_ms) == (len(wire["bids"]), 7)


def test_documented_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    trades = parse_trades(corpus.body("kucoin/doc_GetTradeHistory"), BTC, 7)

    assert [(r.timestamp, r.side, r.price, r.amount, r.type) for r in trades.rows] == [
        (r["timestamp"], r["side"], r["price"], r["amount"], r["type"])
        for r in corpus.oracle("kucoin_doc_GetTradeHistory")
    ]
    assert [row.id for row in trades.rows] == ["1545896668571", "1545896668578"]


def test_the_documented_book_reads(corpus: Corpus) -> None:
    book = parse_book(corpus.body("kucoin/doc_GetAggregatedPartialOrderBook"), BTC, 7)

    assert book.asks == ((6500.15, 0.57753524), (6500.16, 0.57753524))
    assert book.bids == ((6500.12, 0.4505414), (6500.11, 0.4505414))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, SourceUnsupported),
        ({"sequence": None, "bids": None, "asks": None}, SourceUnsupported),
        ({**BOOK, "bids": [], "asks": []}, SourceMalformed),
        ({**BOOK, "bids": [["6500.16", "1"]]}, SourceMalformed),
        ({**BOOK, "bids": [["nan", "1"]]}, SourceMalformed),
        ({**BOOK, "time": -5}, SourceMalformed),
        ([], SourceMalformed),
    ],
)
def test_an_unsound_book_is_refused(data: object, error: type[SourceError]) -> None:
    assert raised(lambda: parse_book(as_bytes(data), BTC, 7)) is error


def test_no_trades_are_malformed() -> None:
    assert raised(lambda: parse_trades(as_bytes([]), BTC, 7)) is SourceMalformed
    absurd = [{**TRADE, "side": "both"}, {**TRADE, "time": 5}, {**TRADE, "price": "0"}]
    assert raised(lambda: parse_trades(as_bytes(absurd[:1]), BTC, 7)) is SourceMalformed
    assert raised(lambda: parse_trades(as_bytes(absurd[2:]), BTC, 7)) is SourceMalformed
