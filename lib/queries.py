"""What a feed can be asked: small frozen values, each with a canonical `key`."""

from hashlib import blake2b

from msgspec import Struct

from lib.market import DOLLARS, Candle, Pair
from lib.timeframes import TIMEFRAME_MS

STAND_INS = {"USDT": ("USD",), "USD": ("USDT", "USDC")}
"""What a venue without the asked quote may answer in: any other quote is asked for itself."""


class Query(Struct, frozen=True):
    """A question. Equal questions have equal keys."""

    @property
    def key(self) -> str:
        """The question as a short string."""
        raise NotImplementedError

    @property
    def keys(self) -> tuple[str, ...]:
        """What a bulk answer may call it, the best match first."""
        return (self.key,)

    def settled(self, now_ms: int) -> bool:  # noqa: ARG002 - most questions are about now
        """Whether its answer can no longer change."""
        return False


class PairQuery(Query, frozen=True):
    """About one pair."""

    pair: Pair

    @property
    def key(self) -> str:
        return f"{self.pair.base}/{self.pair.quote}"

    @property
    def keys(self) -> tuple[str, ...]:
        """Dollars and Tether may stand in for each other: the answer's pair says which it was."""
        base, quote = self.pair.base, self.pair.quote
        if base in DOLLARS:
            return (self.key,)
        return (self.key, *(f"{base}/{other}" for other in STAND_INS.get(quote, ())))


class CandleQuery(Query, frozen=True):
    """Bars of a pair: the newest `limit`, or those opening in [since_ms, until_ms]."""

    pair: Pair
    timeframe: str
    limit: int
    since_ms: int | None = None
    until_ms: int | None = None

    @property
    def key(self) -> str:
        since, until = ("" if ms is None else ms for ms in (self.since_ms, self.until_ms))
        return f"{self.pair}:{self.timeframe}:{self.limit}:{since}-{until}"

    def settled(self, now_ms: int) -> bool:
        return self.until_ms is not None and self.until_ms + TIMEFRAME_MS[self.timeframe] < now_ms


class ListQuery(Query, frozen=True):
    """The market table: how many pages of 250 rows, in which category."""

    pages: int = 2
    category: str = "all"

    @property
    def key(self) -> str:
        return f"{self.category}:{self.pages}"


class RangeQuery(Query, frozen=True):
    """About one asset between two moments."""

    symbol: str
    from_ms: int
    to_ms: int

    @property
    def key(self) -> str:
        return f"{self.symbol}:{self.from_ms}-{self.to_ms}"

    def settled(self, now_ms: int) -> bool:
        return self.to_ms < now_ms


class TextsQuery(Query, frozen=True):
    """About some texts, in this order."""

    texts: tuple[str, ...]

    @property
    def key(self) -> str:
        digest = blake2b(digest_size=16)
        for text in self.texts:
            digest.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


class ForecastQuery(Query, frozen=True):
    """What comes after these candles of a pair: closed ones, oldest first. They make the answer,
    but in the key their number and the last one's close stand for them."""

    pair: Pair
    timeframe: str
    horizon: int  # bars
    interval: float  # share of outcomes that the bounds hold
    candles: tuple[Candle, ...]

    @property
    def key(self) -> str:
        last = self.candles[-1]
        seen = f"{len(self.candles)}:{last.open_ms}:{last.close!r}"
        return f"{self.pair}:{self.timeframe}:{self.horizon}:{self.interval!r}:{seen}"


class AddressQuery(Query, frozen=True):
    """About one address of a chain: its newest `depth` transfers."""

    chain: str
    address: str
    depth: int

    @property
    def key(self) -> str:
        return f"{self.chain}:{self.address}:{self.depth}"


class Everything(Query, frozen=True):
    """The one question of a feed that has only one answer."""

    @property
    def key(self) -> str:
        return "all"
