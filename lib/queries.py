"""What a feed can be asked: small frozen values, each with a canonical `key`."""

from typing import Protocol

from msgspec import Struct

from lib.market import Pair


class Query(Protocol):
    """Anything with a canonical key: equal questions have equal keys."""

    @property
    def key(self) -> str:
        """The question as a short string."""


class PairQuery(Struct, frozen=True):
    """About one pair."""

    pair: Pair

    @property
    def key(self) -> str:
        return f"{self.pair.base}/{self.pair.quote}"


class CandleQuery(Struct, frozen=True):
    """Bars of a pair: the newest `limit`, or those opening in [since_ms, until_ms]."""

    pair: Pair
    timeframe: str
    limit: int
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def key(self) -> str:
        window = f"{self.since_ms or ''}-{self.until_ms or ''}"
        return f"{self.pair}:{self.timeframe}:{self.limit}:{window}"


class ListQuery(Struct, frozen=True):
    """The market table: how many rows (250 a page) and which category."""

    pages: int = 2
    category: str = "all"

    @property
    def key(self) -> str:
        return f"{self.category}:{self.pages}"


class RangeQuery(Struct, frozen=True):
    """About one asset between two moments."""

    symbol: str
    from_ms: int
    to_ms: int

    @property
    def key(self) -> str:
        return f"{self.symbol}:{self.from_ms}-{self.to_ms}"


class Everything(Struct, frozen=True):
    """The one question of a feed that has only one answer."""

    @property
    def key(self) -> str:
        return "all"
