"""Coinbase's books: what its batches make of a whole one, and when they are not believed."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import SourceMalformed
from lib.market import Pair
from lib.streams.base import BookSeen, Broken, Event, Refused, Wanted
from lib.streams.coinbase import CoinbaseStream
from lib.streams.coinbase_book import DEPTH, KEPT, Side
from lib.wire.venues import Level
from tests.conftest import Corpus

BTC = Pair("BTC", "USD")
BIDS = [["10101.10", "0.45054140"], ["10101.00", "2"]]
ASKS = [["10102.55", "0.57753524"], ["10103.00", "1.5"]]


def whole(bids: Any = BIDS, asks: Any = ASKS, product: str = "BTC-USD") -> str:
    return json.dumps({"type": "snapshot", "product_id": product, "bids": bids, "asks": asks})


def batch(*changes: Any, second: int = 30, product: str = "BTC-USD") -> str:
    time = f"2026-08-14T20:42:{second}.265200Z"
    told = {"type": "l2update", "product_id": product, "changes": changes, "time": time}
    return json.dumps(told)


def joined() -> CoinbaseStream:
    """A stream on which the book was asked for and told."""
    stream = CoinbaseStream()
    stream.join([Wanted("books", BTC)], fresh=True)
    stream.parse(whole())
    return stream


def sides(events: list[Event]) -> tuple[Any, Any]:
    (seen,) = events
    assert isinstance(seen, BookSeen)
    return seen.book.bids, seen.book.asks


def reason(events: list[Event]) -> str:
    (seen,) = events
    assert isinstance(seen, Broken)
    assert (seen.pair, seen.feed) == (BTC, "books")
    return seen.reason


def test_a_book_is_asked_for_in_batches_which_need_no_key() -> None:
    (text,) = CoinbaseStream().join([Wanted("books", Pair("BTC", "USDT"))], fresh=True)

    assert json.loads(text) == {
        "type": "subscribe",
        "product_ids": ["BTC-USD"],
        "channels": ["level2_batch", "heartbeat"],
    }


def test_a_batch_puts_changes_and_takes_away_levels() -> None:
    stream = joined()

    events = stream.parse(
        batch(
            ["buy", "10101.10", "0.00000000"],
            ["buy", "10100.5", "3"],
            ["sell", "10102.55", "0.1"],
            ["sell", "10102.00", "7"],
            ["sell", "99999.00", "0"],  # came and went within the batch
        )
    )

    assert sides(events) == (
        ((10101.0, 2.0), (10100.5, 3.0)),
        ((10102.0, 7.0), (10102.55, 0.1), (10103.0, 1.5)),
    )
    assert events[0].book.time_ms == 1786740150265  # type: ignore[union-attr] # sides() looked


def replayed(corpus: Corpus) -> Iterator[tuple[dict[str, Any], list[Event]]]:
    with gzip.open(corpus.root / "streams" / "coinbase.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    stream = CoinbaseStream()
    for row in rows:
        if row["dir"] == "in" and row["msg"]["type"] in ("snapshot", "l2update"):
            yield row["msg"], stream.parse(json.dumps(row["msg"]))


def test_each_recorded_book_is_what_its_changes_make_of_the_whole_one(corpus: Corpus) -> None:
    books: dict[str, dict[str, dict[float, float]]] = {}
    told = 0
    for message, events in replayed(corpus):
        if message["type"] == "snapshot":
            books[message["product_id"]] = {
                "buy": {float(price): float(size) for price, size in message["bids"]},
                "sell": {float(price): float(size) for price, size in message["asks"]},
            }
        book = books[message["product_id"]]
        for side, price, size in message.get("changes", ()):
            book[side][float(price)] = float(size)
        bids = sorted((p, a) for p, a in book["buy"].items() if a)[::-1]
        asks = sorted((p, a) for p, a in book["sell"].items() if a)

        assert sides(events) == (tuple(bids[:DEPTH]), tuple(asks[:DEPTH]))
        told += 1

    assert told > 1000


def changes(*amounts: float) -> st.SearchStrategy[list[tuple[int, float]]]:
    """Places from the best level of a side, before it too, and what stands there from now on."""
    one = st.tuples(st.integers(-60, 40), st.sampled_from(amounts))
    return st.lists(one, min_size=40, max_size=90)


@settings(max_examples=50)
@given(
    st.integers(DEPTH, 40),
    changes(0.0, 0.0, 0.0, 1.0) | changes(1.0, 2.0, 0.0),
    st.sampled_from([1, -1]),
)
def test_of_a_side_that_is_cut_the_best_levels_are_right_or_not_told(
    count: int, changed: list[tuple[int, float]], worse: int
) -> None:
    known = {float(500 + worse * at): 1.0 for at in range(count)}
    levels = [Level(price, amount) for price, amount in known.items()]
    side = Side(levels, best="lowest" if worse > 0 else "highest", kept=DEPTH + 1)

    for at, amount in changed:
        price = float(500 + worse * at)
        known[price] = amount
        side.change(price, amount)
        real = sorted(((p, a) for p, a in known.items() if a), reverse=worse < 0)
        try:
            told = side.best()
        except SourceMalformed:
            continue
        assert [(level.price, level.amount) for level in told] == real[:DEPTH]


def test_a_side_that_grew_does_not_take_the_levels_it_let_go_for_none() -> None:
    side = Side([Level(200, 1)], best="lowest", kept=DEPTH)
    for price in range(199, 199 - 2 * DEPTH, -1):
        side.change(price, 1)

    best = side.best()[0].price
    side.change(best, 0)

    assert best == 200 - 2 * DEPTH
    with pytest.raises(SourceMalformed, match="used up"):
        side.best()


def test_of_a_book_with_more_levels_than_are_kept_those_told_are_right_until_they_are_used_up() -> (
    None
):
    stream = CoinbaseStream()
    bids = [[f"{50_000 - at}", "1"] for at in range(KEPT + 500)]
    stream.parse(whole(bids, [["50001", "1"]]))

    gone = stream.parse(batch(*(["buy", price, "0"] for price, _ in bids[: KEPT - DEPTH])))
    after = stream.parse(batch(["buy", bids[KEPT - DEPTH][0], "0"]))

    first = 50_000 - KEPT + DEPTH
    assert sides(gone)[0] == tuple((float(first - at), 1.0) for at in range(DEPTH))
    assert reason(after) == "coinbase: the levels that were kept are used up"


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (batch(["buy", "10102.55", "1"]), "the book is crossed"),
        (batch(["sell", "10102.55", "1"], second=29), "coinbase: the changes of the book go back"),
        (batch(["buy", "10101.10", "nan"]), "coinbase: a change of the book is none"),
        (batch(["buy", "-1", "1"]), "coinbase: a change of the book is none"),
        (batch(["bid", "10101.10", "1"]), "Invalid enum value"),
        (batch(["buy", "10101.10"]), "Expected `array` of at least length 3"),
        (whole([["inf", "1"]]), "coinbase: a level of the book is no level"),
        (whole([], []), "the book is empty"),
    ],
    ids=["crossed", "back in time", "nan", "below zero", "no side", "short", "inf", "empty"],
)
def test_what_cannot_be_is_told_once_and_then_nothing_until_the_book_is_told_whole(
    frame: str, said: str
) -> None:
    stream = joined()
    stream.parse(batch())

    broken, after = stream.parse(frame), stream.parse(batch(second=31))
    again = stream.parse(whole())

    assert reason(broken).startswith(said)
    assert after == []
    assert sides(again)[0] == ((10101.1, 0.4505414), (10101.0, 2.0))


@pytest.mark.parametrize("frame", ["<html>", '{"type":', '{"type":"l2update","changes":[]}'])
def test_after_a_frame_that_cannot_be_read_no_book_is_believed(frame: str) -> None:
    stream = joined()

    with pytest.raises(SourceMalformed):
        stream.parse(frame)

    assert reason(stream.parse(batch())) == "coinbase: changes to a book that was not told"


def test_a_new_connection_forgets_the_books_of_the_old_one() -> None:
    stream = joined()

    stream.join([Wanted("books", BTC)], fresh=True)

    assert reason(stream.parse(batch())) == "coinbase: changes to a book that was not told"


def test_what_is_still_under_way_of_a_book_that_was_left_is_left_aside() -> None:
    stream = joined()

    stream.leave([Wanted("books", Pair("BTC", "USDT"))])

    assert stream.parse(batch()) == []


def test_books_are_not_left_with_the_other_things_of_a_pair() -> None:
    stream = joined()

    stream.leave([Wanted("trades", BTC)])

    assert len(stream.parse(batch())) == 1


def test_a_channel_that_is_closed_to_us_refuses_the_books_of_all_pairs() -> None:
    why = "level2, level3, and full channels now require authentication"
    frame = json.dumps({"type": "error", "message": "Failed to subscribe", "reason": why})

    (refused,) = CoinbaseStream().parse(frame)

    assert refused == Refused(None, f"Failed to subscribe: {why}", "books")
