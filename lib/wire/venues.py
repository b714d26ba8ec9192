"""What venues' answers are made of: prices and amounts, zero where there are none, and the books
and trades that sound rows make."""

import math
import re
from collections.abc import Iterable
from operator import itemgetter
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import DOLLARS, Book, Pair, Trade, Trades
from lib.wire.typed import Number as Number  # venues and their streams read it from here

Millis: TypeAlias = Annotated[int, Meta(gt=0, lt=10**13)]
"""Unix milliseconds; a time after 2286 is a wrong unit."""

Stamp: TypeAlias = Annotated[int, Meta(ge=0, lt=10**13)] | Literal[""] | None
"""Unix milliseconds; zero, empty or null where the venue states no time."""

Nanos: TypeAlias = Annotated[int, Meta(gt=0, lt=9 * 10**18)]
"""Unix nanoseconds, up to 2255."""

Serial: TypeAlias = Annotated[int, Meta(ge=0, lt=2**63 - 1)]
"""A venue's number of a trade."""

_ASSET: Final = re.compile(r"[A-Za-z0-9]{1,20}")


class Level(Struct, array_like=True, gc=False):
    """The first two columns of a row of a book."""

    price: float
    amount: float


def price(value: Number) -> float | None:
    """A finite number above zero: venues write zero where there is no price."""
    return value if isinstance(value, float) and 0 < value < math.inf else None


def amount(value: Number) -> float | None:
    """A finite number, zero included."""
    return value if isinstance(value, float) and 0 <= value < math.inf else None


def signed(value: Number) -> float | None:
    """A finite number of either sign."""
    return value if isinstance(value, float) and math.isfinite(value) else None


def is_halted(bid: float | None, ask: float | None, *volumes: float | None) -> bool:
    """Whether nobody bids or asks, and none of the volumes told is above zero: such a pair keeps
    its last price for ever."""
    return not bid and not ask and 0.0 in volumes and not any(volumes)


def read_pair(base: str, quote: str) -> Pair | None:
    """A pair of plain names; `None` for what nobody can ask for, such as non-ASCII names."""
    if not _ASSET.fullmatch(base) or not _ASSET.fullmatch(quote):
        return None
    return Pair(base.upper(), quote.upper())


def tether_pair(pair: Pair) -> Pair:
    """The pair that a venue without US dollars lists instead: there, dollars trade as Tether.

    Raises:
        SourceUnsupported: a dollar coin priced in dollars is what such a venue cannot tell.
    """
    if pair.quote != "USD":
        return pair
    if pair.base in DOLLARS:
        raise SourceUnsupported(f"{pair}: priced in dollar coins only")
    return Pair(pair.base, "USDT")


def build_book(pair: Pair, bids: Iterable[Level], asks: Iterable[Level], time_ms: int) -> Book:
    """Sort both sides best first; levels of nothing are left out.

    Raises:
        SourceMalformed: nobody bids nor asks, the sides cross, or a level is no level.
    """
    buys = sorted(_levels(bids), key=itemgetter(0), reverse=True)
    sells = sorted(_levels(asks), key=itemgetter(0))
    if not buys and not sells:
        raise SourceMalformed("the book is empty")
    if buys and sells and buys[0][0] >= sells[0][0]:
        raise SourceMalformed("the book is crossed")
    return Book(pair, tuple(buys), tuple(sells), time_ms)


def _levels(side: Iterable[Level]) -> Iterable[tuple[float, float]]:
    for level in side:
        if not (0 < level.price < math.inf and 0 <= level.amount < math.inf):
            raise SourceMalformed("a level of the book is no level")
        if level.amount:
            yield level.price, level.amount


def build_trades(pair: Pair, rows: Iterable[Trade], time_ms: int) -> Trades:
    """Oldest first, ties by their number; a trade of nothing or for nothing is left out.

    Raises:
        SourceMalformed: none is left.
    """
    sound = [row for row in rows if 0 < row.price < math.inf and 0 < row.amount < math.inf]
    if not sound:
        raise SourceMalformed("no trade")
    sound.sort(key=lambda row: (row.timestamp, len(row.id), row.id))
    return Trades(pair, tuple(sound), time_ms)
