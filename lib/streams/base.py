"""A venue's live stream without I/O: what to send, and what its frames mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from lib.errors import SourceMalformed
from lib.market import Book, Candle, Pair, Ticker, Trade

LONGEST_FRAME: Final = 4 * 1024 * 1024


class Wanted(NamedTuple):
    """What is watched of one pair: `tickers`, `trades`, `books`, or `candles` of a timeframe."""

    feed: str
    pair: Pair
    timeframe: str = ""


class TickerSeen(NamedTuple):
    """A pair's ticker, as of now."""

    ticker: Ticker


class TableSeen(NamedTuple):
    """The tickers of a venue that changed, of all it lists; nobody's bids and asks in it."""

    rows: Mapping[str, Ticker]


class TradeSeen(NamedTuple):
    """One trade. Its `serial` is one more than the last trade's, where the venue counts so."""

    pair: Pair
    trade: Trade
    serial: int | None = None


class BookSeen(NamedTuple):
    """The best levels of a book."""

    book: Book


class BarSeen(NamedTuple):
    """The running bar, or one that has just closed."""

    pair: Pair
    timeframe: str
    bar: Candle
    time_ms: int


NO_PRICE: Final = "its price is no price"


class Refused(NamedTuple):
    """The venue does not stream this, or nothing that could be used: of a feed, or of all where
    none is named; of a pair, or of all."""

    pair: Pair | None
    reason: str
    feed: str = ""


class Broken(NamedTuple):
    """What was kept of a pair is not what the venue has any more. Joined anew, it can be told."""

    pair: Pair
    reason: str
    feed: str


class Ending(NamedTuple):
    """The venue is about to close the connection: connect anew, it is no failure."""

    reason: str


Event: TypeAlias = (
    TickerSeen | TableSeen | TradeSeen | BookSeen | BarSeen | Refused | Broken | Ending
)


class KeepAlive(NamedTuple):
    """What the venue wants to hear, and how often."""

    text: str
    every_s: float


class Address(NamedTuple):
    """Where to connect just now, and what to say there at intervals."""

    url: str
    keep_alive: KeepAlive | None = None


class VenueStream(Protocol):
    """One venue, without I/O but for `address`. What a frame means may hang on the frames before it
    on the same connection, which begins with `join(…, fresh=True)`."""

    name: ClassVar[str]
    feeds: ClassVar[frozenset[str]]  # what it can stream

    async def address(self, wanted: Iterable[Wanted]) -> Address:
        """Where to connect for these.

        Raises:
            SourceError: a venue that hands out addresses did not.
        """

    def listed(self, pair: Pair) -> Pair:
        """The pair that stands for this one there: dollars trade as Tether, or Tether as dollars.

        Raises:
            SourceUnsupported: none does.
        """

    def serves(self, wanted: Wanted) -> bool:
        """Whether it streams such things at all."""

    def join(self, wanted: Sequence[Wanted], *, fresh: bool) -> list[str]:
        """What to send to get these; `fresh` when the connection is new."""

    def leave(self, wanted: Sequence[Wanted]) -> list[str]:
        """What to send to get these no more."""

    def parse(self, frame: str | bytes) -> list[Event]:
        """What a frame says; nothing for frames of a kind that we do not need.

        Raises:
            SourceMalformed: no such frame is documented.
        """


def read_json(frame: str | bytes) -> Any:
    """Any JSON.

    Raises:
        SourceMalformed: it is none, or absurdly long.
    """
    if len(frame) > LONGEST_FRAME:
        raise SourceMalformed("a frame longer than any documented one")
    return _convert(frame, Any)


def read_as(frame: Any, kind: Any) -> Any:
    """A frame, or raw JSON within one, as a `kind`; numbers in strings are read as numbers.

    Raises:
        SourceMalformed: it does not fit.
    """
    return _convert(frame, kind)


def _convert(frame: Any, kind: Any) -> Any:
    try:
        return msgspec.json.decode(frame, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise SourceMalformed(str(error)[:200]) from error


def write_json(**message: object) -> str:
    """A frame of ours."""
    return msgspec.json.encode(message).decode()


class Anything(Struct):
    """An object of which nothing is read."""
