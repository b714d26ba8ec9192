"""Kraken's books and trades, read."""

from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.wire.kraken import parse_book, parse_trades
from tests.conftest import Corpus
from tests.lib.wire.kraken.answers import BCH_EUR, BTC_USD, NOW_MS, answer


def test_a_recorded_book_reads_as_the_oracle_reads_it(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_depth")

    book = parse_book(corpus.body("kraken/depth"), BCH_EUR, NOW_MS)

    assert book.bids == tuple((price, amount) for price, amount, _ in oracle["bids"])
    assert book.asks == tuple((price, amount) for price, amount, _ in oracle["asks"])


def test_recorded_trades_read_as_the_oracle_reads_them(corpus: Corpus) -> None:
    oracle = corpus.oracle("kraken_trades")

    trades = parse_trades(corpus.body("kraken/trades"), BCH_EUR, NOW_MS).rows

    said = sorted((t["timestamp"], t["price"], t["amount"], t["side"], t["type"]) for t in oracle)
    assert sorted((t.timestamp, t.price, t.amount, t.side, t.type) for t in trades) == said
    assert [t.timestamp for t in trades] == sorted(t.timestamp for t in trades)


def test_trades_without_a_number_of_their_own_get_lasting_ids(corpus: Corpus) -> None:
    body = corpus.body("kraken/trades")

    first, again = (parse_trades(body, BCH_EUR, now).rows for now in (NOW_MS, NOW_MS + 1))

    assert [t.id for t in first] == [t.id for t in again]
    assert len({t.id for t in first}) == len(first)


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], []),
        ([["10", "1", 1]], [["10", "1", 1]]),
        ([["11", "1", 1]], [["10", "1", 1]]),
        ([["nan", "1", 1]], [["10", "1", 1]]),
        ([["0", "1", 1]], [["10", "1", 1]]),
        ([["9"]], [["10", "1", 1]]),
    ],
)
def test_a_book_that_is_empty_crossed_or_absurd_is_malformed(bids: Any, asks: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_book(answer({"XXBTZUSD": {"bids": bids, "asks": asks}}), BTC_USD, NOW_MS)


def test_a_trade_keeps_its_number_side_and_kind() -> None:
    rows = [
        ["100.0", "0.5", 1_764_000_000.5, "b", "m", "", 77],
        ["101.0", "0.25", 1_764_000_001.25, "s", "l", "", 78],
        ["0.0", "0.25", 1_764_000_001.25, "s", "l", "", 79],
        ["101.0", "nan", 1_764_000_001.25, "s", "l", "", 80],
        ["101.0", "1", 1_764_000_001.25, "x", "l", "", 81],
        ["101.0", "1", "-inf", "s", "l", "", 82],
    ]

    trades = parse_trades(answer({"XXBTZUSD": rows, "last": "1"}), BTC_USD, NOW_MS)

    bought, sold = trades.rows
    assert (bought.id, bought.side, bought.type) == ("77", "buy", "market")
    assert (bought.timestamp, bought.price, bought.amount) == (1_764_000_000_500, 100.0, 0.5)
    assert (sold.id, sold.side, sold.type, sold.timestamp) == ("78", "sell", "limit", NOW_MS + 1250)
    assert (trades.pair, trades.time_ms) == (BTC_USD, NOW_MS)


def test_no_trade_at_all_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        parse_trades(answer({"XXBTZUSD": [], "last": "0"}), BTC_USD, NOW_MS)


def test_two_pairs_where_one_was_asked_are_malformed() -> None:
    book = {"bids": [["9", "1", 1]], "asks": [["10", "1", 1]]}
    with pytest.raises(SourceMalformed):
        parse_book(answer({"XXBTZUSD": book, "XETHZUSD": book}), BTC_USD, NOW_MS)
