"""Coinbase's streamed books: told whole once, then batches of what changed, 50 ms each.
https://docs.cdp.coinbase.com/exchange/websocket-feed/channels#level2-batch-channel

The venue numbers no batch and sends no sum, so one that was lost cannot be noticed as such: until
they change again, levels stand here as they were before it. Noticed are bids that meet asks, times
that go back, a frame that cannot be read, and a book of which too little is known; it is told
no more then, until the venue tells it whole again. Levels that are taken away without ever having
been told are usual: they came and went within one batch.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from math import inf
from operator import attrgetter
from typing import Final, Literal

from msgspec import Struct

from lib.errors import SourceMalformed
from lib.market import Book, Pair
from lib.wire.iso import parse_iso
from lib.wire.venues import Level, build_book

DEPTH: Final = 25
"""Levels a side that are told."""

KEPT: Final = 5000
"""Levels a side that are kept, at times twice as many: 0.6 MB a pair. Bitcoin's book has some
22,000 a side; prices must move through all that are kept before it has to be told anew."""


class Whole(Struct):
    """A book, every level of it; the venue dates it seldom."""

    bids: list[Level]
    asks: list[Level]
    time: str | None = None


class Change(Struct, array_like=True, gc=False):
    """A level as it is now; an amount of nothing takes it away."""

    side: Literal["buy", "sell"]
    price: float
    amount: float


class Batch(Struct):
    """What changed in a book, to be taken in as a whole."""

    changes: list[Change]
    time: str | None = None


class Side:
    """The best levels of one side. What lies beyond its edge is not known.

    Raises:
        SourceMalformed: a level is no level.
    """

    __slots__ = ("_amounts", "_edge", "_kept", "_keys", "_sign")

    def __init__(
        self, levels: Sequence[Level], *, best: Literal["highest", "lowest"], kept: int = KEPT
    ) -> None:
        if not all(0 < row.price < inf and 0 <= row.amount < inf for row in levels):
            raise SourceMalformed("coinbase: a level of the book is no level")
        # by price, or by its negative: the best comes first
        self._sign = -1 if best == "highest" else 1
        self._kept = kept
        rows = sorted(levels, key=attrgetter("price"), reverse=self._sign < 0)[:kept]
        self._edge = self._sign * rows[-1].price if len(rows) < len(levels) else inf
        self._amounts = {self._sign * row.price: row.amount for row in rows if row.amount}
        self._keys = list(self._amounts)

    def change(self, price: float, amount: float) -> None:
        """Put a level, or take it away.

        Raises:
            SourceMalformed: it is no level.
        """
        if not (0 < price < inf and 0 <= amount < inf):
            raise SourceMalformed("coinbase: a change of the book is none")
        key = self._sign * price
        if key > self._edge:
            return
        if amount:
            if key not in self._amounts:
                insort(self._keys, key)
            self._amounts[key] = amount
            if len(self._keys) > 2 * self._kept:
                self._cut()
        elif self._amounts.pop(key, None):
            del self._keys[bisect_left(self._keys, key)]

    def best(self) -> list[Level]:
        """The best levels, at most `DEPTH`.

        Raises:
            SourceMalformed: so many are gone that others, which are not known, are among the best.
        """
        if len(self._keys) < DEPTH and self._edge < inf:
            raise SourceMalformed("coinbase: the levels that were kept are used up")
        return [Level(self._sign * key, self._amounts[key]) for key in self._keys[:DEPTH]]

    def _cut(self) -> None:
        del self._keys[self._kept :]
        self._edge = self._keys[-1]
        self._amounts = {key: self._amounts[key] for key in self._keys}


class Ladder:
    """One pair's book.

    Raises:
        SourceMalformed: a level is no level.
    """

    def __init__(self, told: Whole) -> None:
        self._bids = Side(told.bids, best="highest")
        self._asks = Side(told.asks, best="lowest")
        self._told_ms = 0

    def change(self, batch: Batch) -> None:
        """Take in what changed.

        Raises:
            SourceMalformed: a change is none, or an earlier one than was told before.
        """
        time_ms = parse_iso(batch.time) or 0
        if 0 < time_ms < self._told_ms:
            raise SourceMalformed("coinbase: the changes of the book go back in time")
        self._told_ms = max(time_ms, self._told_ms)
        for one in batch.changes:
            side = self._bids if one.side == "buy" else self._asks
            side.change(one.price, one.amount)

    def book(self, pair: Pair, time_ms: int) -> Book:
        """As it stands.

        Raises:
            SourceMalformed: it is empty or crossed, or too little of it is known.
        """
        return build_book(pair, self._bids.best(), self._asks.best(), time_ms)


class Ladders:
    """The books of one connection."""

    def __init__(self) -> None:
        self._kept: dict[Pair, Ladder] = {}
        self._awaited: set[Pair] = set()

    def clear(self) -> None:
        """The connection is new: nothing that an old one told holds."""
        self._kept.clear()
        self._awaited.clear()

    def await_whole(self, pair: Pair) -> None:
        """It was asked for."""
        self._awaited.add(pair)

    def forget(self, pair: Pair) -> None:
        """It is given up, or nobody wants it; what is still under way is left aside."""
        self._kept.pop(pair, None)
        self._awaited.discard(pair)

    def doubt(self) -> None:
        """Something could not be read, perhaps a change: no book that is kept is sure any more."""
        self._awaited |= self._kept.keys()
        self._kept.clear()

    def follows(self, pair: Pair) -> bool:
        """Whether a book is kept, or waited for."""
        return pair in self._kept or pair in self._awaited

    def tell(self, pair: Pair, told: Whole) -> Book:
        """A book that was told whole.

        Raises:
            SourceMalformed: it is none.
        """
        ladder = Ladder(told)
        book = ladder.book(pair, parse_iso(told.time) or 0)
        self._kept[pair] = ladder
        self._awaited.discard(pair)
        return book

    def change(self, pair: Pair, batch: Batch) -> Book:
        """The book after a batch.

        Raises:
            SourceMalformed: it is not what the venue has, and to be forgotten.
        """
        ladder = self._kept.get(pair)
        if ladder is None:
            raise SourceMalformed("coinbase: changes to a book that was not told")
        ladder.change(batch)
        return ladder.book(pair, parse_iso(batch.time) or 0)
