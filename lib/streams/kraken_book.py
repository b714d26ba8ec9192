"""Kraken's streamed books: kept level by level, and after each change checked by the venue's own
sum. https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
"""

import zlib
from collections.abc import Iterable
from typing import Final

from msgspec import Raw, Struct

from lib.errors import SourceMalformed
from lib.market import Book, Pair
from lib.wire.iso import parse_iso
from lib.wire.venues import Level, build_book

DEPTH: Final = 25
SUMMED: Final = 10
"""Levels a side that the venue's sum is made of."""


class LevelRow(Struct):
    """Raw, because the sum is made of the very digits that were sent."""

    price: Raw
    qty: Raw


class BookRow(Struct):
    """A whole book, or what changed in it; an amount of nothing takes a level away."""

    symbol: str
    checksum: int
    bids: list[LevelRow] = []
    asks: list[LevelRow] = []
    timestamp: str | None = None


class _Digits(Struct, frozen=True, gc=False):
    price: str
    qty: str


class Ladder:
    """One pair's book, as deep as was subscribed to."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._bids: dict[float, _Digits] = {}
        self._asks: dict[float, _Digits] = {}

    def change(self, row: BookRow) -> None:
        """Take in what changed; of an empty ladder all is new.

        Raises:
            SourceMalformed: a level is no level, or the sum differs: this ladder is not the
                venue's book any more, and a new one must be asked for.
        """
        self._bids = _changed(self._bids, row.bids, self._depth, best=-1)
        self._asks = _changed(self._asks, row.asks, self._depth, best=1)
        if self._sum() != row.checksum:
            raise SourceMalformed("kraken: the book differs from the venue's sum")

    def book(self, pair: Pair, time_ms: int) -> Book:
        """As it stands.

        Raises:
            SourceMalformed: it is empty or crossed.
        """
        return build_book(pair, _levels(self._bids), _levels(self._asks), time_ms)

    def _sum(self) -> int:
        best = [*list(self._asks.values())[:SUMMED], *list(self._bids.values())[:SUMMED]]
        digits = (
            part.replace(".", "").lstrip("0") for row in best for part in (row.price, row.qty)
        )
        return zlib.crc32("".join(digits).encode())


class Ladders:
    """The books of one connection."""

    def __init__(self) -> None:
        self._kept: dict[Pair, Ladder] = {}

    def clear(self) -> None:
        """The connection is new: nothing that an old one told holds."""
        self._kept.clear()

    def seen(self, pair: Pair, row: BookRow, *, whole: bool) -> Book:
        """The book after a frame.

        Raises:
            SourceMalformed: it cannot be told any more; it can again after the next whole one.
        """
        ladder = Ladder() if whole else self._kept.pop(pair, None)
        if ladder is None:
            raise SourceMalformed("kraken: changes to a book that was not told")
        ladder.change(row)
        book = ladder.book(pair, parse_iso(row.timestamp) or 0)
        self._kept[pair] = ladder
        return book


def _changed(
    side: dict[float, _Digits], rows: Iterable[LevelRow], depth: int, *, best: int
) -> dict[float, _Digits]:
    """The side with the rows in it, best first."""
    levels = side.copy()
    for row in rows:
        digits = _Digits(_text(row.price), _text(row.qty))
        try:
            price, qty = float(digits.price), float(digits.qty)
        except ValueError:
            raise SourceMalformed("kraken: a level of the book is no level") from None
        levels.pop(price, None)
        if qty:
            levels[price] = digits
    kept = sorted(levels.items(), key=lambda level: best * level[0])[:depth]
    return dict(kept)


def _levels(side: dict[float, _Digits]) -> Iterable[Level]:
    return (Level(price, float(digits.qty)) for price, digits in side.items())


def _text(raw: Raw) -> str:
    return bytes(raw).decode(errors="replace").strip('"')
