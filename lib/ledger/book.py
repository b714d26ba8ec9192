"""Where a ledger's records lie, whatever holds them."""

from collections.abc import Sequence
from typing import Protocol

from lib.ledger.records import ForecastRecord, Record, SignalRecord

Rows = tuple[list[ForecastRecord], list[SignalRecord]]


class Book(Protocol):
    """Each call is whole or raises; what it raises says why the book could not be reached. A
    record is known by its id: writing it again changes nothing, but for a probability of a rise
    that was not told before."""

    async def write(self, records: Sequence[Record]) -> None:
        """Store what is not there yet."""

    async def due(self, world: str, now_ms: int) -> Rows:
        """What can be scored and was not, the most lately due first, at most 2000 of each kind."""

    async def score(self, records: Sequence[Record]) -> None:
        """Note the outcomes that these records carry; one that has its outcome keeps it."""

    async def read(
        self, world: str, since_ms: int, symbol: str | None, model: str | None = None
    ) -> Rows:
        """Everything said since then, scored or not, oldest first; of one symbol or model if so
        asked."""

    async def aclose(self) -> None:
        """Let go of what holds it."""
