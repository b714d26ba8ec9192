"""Binance's books and trades, read."""

import pytest

from lib.errors import SourceMalformed
from lib.market import Pair
from lib.wire.binance import parse_book, parse_trades
from tests.conftest import Corpus
from tests.lib.providers.venue import raised
from tests.lib.wire.binance.answers import BTC, TRADE, as_bytes


@pytest.mark.parametrize("name", ["BLZETH", "NKNUSDT"])
def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus, name: str) -> None:
    theirs = corpus.oracle(f"binance_depth_{name}")

    book = parse_book(corpus.body(f"binance/depth_{name}"), BTC, 7)

    assert [list(level) for level in book.bids] == theirs["bids"]
    assert [list(level) for level in book.asks] == theirs["asks"]
    assert book.time_ms == 7


def test_the_recorded_book_of_500_levels_reads_whole(corpus: Corpus) -> None:
    wire = corpus.recording("binance/depth_vcr")["body"]

    book = parse_book(corpus.body("binance/depth_vcr"), Pair("BTC", "USDC"), 7)

    assert [list(level) for level in book.bids] == [[float(x) for x in r[:2]] for r in wire["bids"]]
    assert [list(level) for level in book.asks] == [[float(x) for x in r[:2]] for r in wire["asks"]]


def test_recorded_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    trades = parse_trades(corpus.body("binance/trades"), Pair("BTC", "USDC"), 7)

    ours = [(r.id, r.timestamp, r.price, r.amount, r.side, r.type) for r in trades.rows]
    assert ours == [
        (r["id"], r["timestamp"], r["price"], r["amount"], r["side"], r["type"])
        for r in corpus.oracle("binance_trades")
    ]


@pytest.mark.parametrize(
    "book",
    [
        {"bids": [], "asks": []},
        {"bids": [["4.0", "1"]]},
        {"bids": [["4.0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["5.0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["nan", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "inf"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "-1"]], "asks": [["4.0", "1"]]},
        {"bids": [["0", "1"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0"]], "asks": [["4.0", "1"]]},
        {"bids": [["3.0", "0"]], "asks": []},
    ],
)
def test_an_unsound_book_is_malformed(book: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(as_bytes(book), BTC, 7)


def test_no_trades_are_malformed() -> None:
    assert raised(lambda: parse_trades(b"[]", BTC, 7)) is SourceMalformed
    assert raised(lambda: parse_trades(b'[{"id":1}]', BTC, 7)) is SourceMalformed


def test_trades_come_oldest_first_whatever_their_order() -> None:
    rows = [{**TRADE, "id": 11}, {**TRADE, "id": 9}, {**TRADE, "id": 20, "time": 1499865549000}]

    trades = parse_trades(as_bytes(rows), BTC, 7)

    assert [row.id for row in trades.rows] == ["20", "9", "11"]
