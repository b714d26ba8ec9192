"""Kraken's books are kept level by level, and told only while they equal the venue's own sum."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lib.errors import SourceMalformed
from lib.market import Pair
from lib.streams.base import BookSeen, Broken, Wanted
from lib.streams.kraken import KrakenStream
from lib.streams.kraken_book import BookRow, Ladder
from tests.conftest import Corpus

BTC = Pair("BTC", "USD")

# the example of https://docs.kraken.com/api/docs/guides/spot-ws-book-v2, with its sum
BIDS = """45283.5 0.10000000 45283.4 1.54582015 45282.1 0.10000000 45281.0 0.10000000
45280.3 1.54592586 45279.0 0.07990000 45277.6 0.03310103 45277.5 0.30000000
45277.3 1.54602737 45276.6 0.15445238"""
ASKS = """45285.2 0.00100000 45286.4 1.54571953 45286.6 1.54571109 45289.6 1.54560911
45290.2 0.15890660 45291.8 1.54553491 45294.7 0.04454749 45296.1 0.35380000
45297.5 0.09945542 45299.5 0.18772827"""
SUM = 3310070434


def side(words: str) -> str:
    parts = words.split()
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return ",".join(f'{{"price":{price},"qty":{qty}}}' for price, qty in pairs)


def frame(kind: str, bids: str, asks: str, checksum: int) -> str:
    row = f'"bids":[{side(bids)}],"asks":[{side(asks)}],"checksum":{checksum}'
    row = f'{{"symbol":"BTC/USD",{row},"timestamp":"2023-10-06T17:35:55.440295Z"}}'
    return f'{{"channel":"book","type":"{kind}","data":[{row}]}}'


WHOLE = frame("snapshot", BIDS, ASKS, SUM)


def test_the_documented_book_is_told_best_levels_first() -> None:
    (seen,) = KrakenStream().parse(WHOLE)

    assert isinstance(seen, BookSeen)
    assert (seen.book.pair, seen.book.time_ms) == (BTC, 1696613755440)
    assert (seen.book.bids[0], seen.book.asks[0]) == ((45283.5, 0.1), (45285.2, 0.001))
    assert (len(seen.book.bids), len(seen.book.asks)) == (10, 10)


def test_a_book_that_differs_from_the_sum_is_broken_until_it_is_told_anew() -> None:
    stream = KrakenStream()
    stream.parse(WHOLE)

    wrong = stream.parse(frame("update", "45283.5 0.2", "", SUM))
    later = stream.parse(frame("update", "45283.5 0.10000000", "", SUM))
    again = stream.parse(WHOLE)

    assert wrong == [Broken(BTC, "kraken: the book differs from the venue's sum", "books")]
    assert later == [Broken(BTC, "kraken: changes to a book that was not told", "books")]
    assert isinstance(again[0], BookSeen)


def test_a_new_connection_forgets_the_books_of_the_old_one() -> None:
    stream = KrakenStream()
    stream.parse(WHOLE)

    stream.join([Wanted("books", BTC)], fresh=True)

    (seen,) = stream.parse(frame("update", "", "", SUM))
    assert isinstance(seen, Broken)


def test_a_level_that_left_and_came_back_stands_in_its_place() -> None:
    stream = KrakenStream()
    stream.parse(WHOLE)
    stream.parse(frame("update", "45283.4 0.0", "", 0))  # broken: its sum is not 0
    stream.parse(WHOLE)

    (seen,) = stream.parse(frame("update", "45283.4 0.0 45283.4 1.54582015", "", SUM))

    assert isinstance(seen, BookSeen)
    assert seen.book.bids[1] == (45283.4, 1.54582015)


@pytest.mark.parametrize("level", ["1e400 1", "-1 1", "0 1", '"x" 1', '1 "nan"'])
def test_a_level_that_is_none_breaks_the_book(level: str) -> None:
    (seen,) = KrakenStream().parse(frame("snapshot", level, "", 0))

    assert isinstance(seen, Broken)


def recorded(corpus: Corpus) -> Iterator[tuple[str, BookRow | None, BookRow]]:
    """Pair, whole book if it is told, and changes of the recorded frames. They are of version 1,
    where levels are arrays of text; levels, order and sums are made as in version 2."""
    with gzip.open(corpus.root / "streams" / "kraken.jsonl.gz", "rt") as lines:
        frames = [json.loads(line).get("msg") for line in lines]
    for one in frames:
        if isinstance(one, list) and str(one[-2]).startswith("book"):
            parts: dict[str, Any] = {}
            for part in one[1:-2]:
                parts |= part
            if "as" in parts:
                yield one[-1], _row(one[-1], parts["bs"], parts["as"], 0), _row(one[-1], [], [], 0)
            else:
                changes = _row(one[-1], parts.get("b", []), parts.get("a", []), int(parts["c"]))
                yield one[-1], None, changes


def _row(symbol: str, bids: list[Any], asks: list[Any], checksum: int) -> BookRow:
    levels = [
        [{"price": level[0], "qty": level[1]} for level in one_side] for one_side in (bids, asks)
    ]
    told = {"symbol": symbol, "bids": levels[0], "asks": levels[1], "checksum": checksum}
    return msgspec.json.decode(json.dumps(told), type=BookRow)


def test_every_recorded_change_leads_to_the_sum_that_the_venue_sent(corpus: Corpus) -> None:
    ladders: dict[str, Ladder] = {}
    checked = 0
    for symbol, whole, changes in recorded(corpus):
        if whole:
            ladders[symbol] = Ladder(depth=1000)
            with pytest.raises(SourceMalformed):  # version 1 sends no sum with a whole book
                ladders[symbol].change(whole)
        elif symbol in ladders:
            ladders[symbol].change(changes)
            checked += 1

    assert checked > 200
