"""Coinbase's books and trades, read."""

from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.wire.coinbase import parse_book, parse_trades
from tests.conftest import Corpus
from tests.lib.wire.coinbase.answers import BOOK, BTC_USD, NOW_MS, TRADES, encoded


def test_a_recorded_book_is_read(corpus: Corpus) -> None:
    said = corpus.recording("coinbase/book")["body"]

    book = parse_book(corpus.body("coinbase/book"), BTC_USD, NOW_MS)

    assert book.bids == tuple((float(price), float(size)) for price, size, _ in said["bids"])
    assert book.asks == tuple((float(price), float(size)) for price, size, _ in said["asks"])
    assert book.time_ms == NOW_MS


def test_a_trades_side_is_the_takers() -> None:
    trades = parse_trades(encoded(TRADES), BTC_USD, NOW_MS)

    older, newer = trades.rows
    assert (older.id, older.side, older.timestamp) == ("78", "sell", NOW_MS - 2000)
    assert (newer.id, newer.side, newer.timestamp) == ("79", "buy", NOW_MS - 500)
    assert (newer.price, newer.amount, newer.type) == (101.5, 0.2, None)
    assert trades.time_ms == NOW_MS


@pytest.mark.parametrize(
    "rows", [[], {}, [1], [TRADES[0] | {"price": "0"}], [TRADES[0] | {"time": "soon"}]]
)
def test_no_sound_trade_is_malformed(rows: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_trades(encoded(rows), BTC_USD, NOW_MS)


def test_a_book_says_its_time_and_is_a_hundred_levels_deep() -> None:
    deep = BOOK | {
        "bids": [[str(99 - i / 10), "1", 1] for i in range(500)],
        "asks": [[str(100 + i / 10), "1", 1] for i in range(500)],
    }

    book = parse_book(encoded(deep), BTC_USD, NOW_MS)

    assert (len(book.bids), len(book.asks)) == (100, 100)
    assert (book.bids[0], book.asks[0]) == ((99.0, 1.0), (100.0, 1.0))
    assert book.time_ms == NOW_MS - 1500


@pytest.mark.parametrize(
    "book",
    [
        {"bids": [], "asks": []},
        {"bids": [["101", "1", 1]], "asks": [["101", "1", 1]]},
        {"bids": [["nan", "1", 1]], "asks": [["101", "1", 1]]},
        {"bids": [["100"]], "asks": [["101", "1", 1]]},
        {"asks": [["101", "1", 1]]},
        [],
    ],
)
def test_a_book_that_is_empty_crossed_or_absurd_is_malformed(book: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(encoded(book), BTC_USD, NOW_MS)
