"""The ledger as the service sees it: records before answering, never keeps an answer waiting long.

What is said is written before it is answered, so whoever kills the process loses nothing that a
caller has seen. While its book fails, records wait in memory and are written when it is back;
`reason` says so, and answers go on.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from lib.clock import Clock
from lib.ledger.book import Book, Rows
from lib.ledger.experience import Experience
from lib.ledger.faults import told
from lib.ledger.records import ForecastRecord, Record
from lib.ledger.report import Report, build_report
from lib.ledger.threaded import ThreadedBook

if TYPE_CHECKING:
    from lib.ledger.database import Database

NO_LEDGER: Final = "this instance keeps no ledger"
OPENING_S: Final = 3.0
PATIENCE_S: Final = 0.4
AGAIN_S: Final = 30.0
MOST_WAITING: Final = 10_000
_REMEMBERED: Final = 20_000

_log = logging.getLogger("dreammaker.ledger")


class Ledger:
    """What is said in one world, written to a book and read from it.

    Args:
        patience_s: how long an answer may wait for what it says to be written.
        closing_s: how long the end may wait for it.
    """

    def __init__(
        self,
        book: Book,
        clock: Clock,
        world: str,
        patience_s: float = PATIENCE_S,
        closing_s: float = OPENING_S,
    ) -> None:
        self.clock = clock
        self.world = world
        self.reason: str | None = None  # why it does not record at the moment
        self.lost = 0  # records that no longer fitted in while the book was away
        self.experience = Experience(book, clock, world)
        self.book = book
        self._patience_s = patience_s
        self._closing_s = closing_s
        self._waiting: OrderedDict[str, Record] = OrderedDict()
        self._written: OrderedDict[str, None] = OrderedDict()
        self._writing: asyncio.Task[None] | None = None
        self._again_s = 0.0

    @property
    def state(self) -> str:
        """`up` or `down`."""
        return "down" if self.reason else "up"

    @property
    def waiting(self) -> int:
        """How many records are not written yet."""
        return len(self._waiting)

    async def open(self) -> None:
        """Open the book ahead of the first answer; returns after 3 s at the latest, and
        `reason` says if it is not there by then."""
        await self._in_time(OPENING_S)

    async def record(self, records: Sequence[Record]) -> None:
        """Write what was not written before; returns after 0.4 s at the latest, written or not.

        After a failure nobody waits for the next try: a background task makes one every few
        seconds. Where there is none, as on Lambda, one caller in half a minute does.
        """
        for record in records:
            if _key(record) not in self._written:
                self._waiting.setdefault(_key(record), record)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
            self.lost += 1
        now_s = self.clock.monotonic()
        if not self._waiting or (self.reason and now_s < self._again_s):
            return
        if self.reason:
            self._again_s = now_s + AGAIN_S  # this one tries, the others go on
        await self._in_time(self._patience_s)

    async def flush(self) -> bool:
        """Write what waits, if only to see that it can be done; whether the book took it."""
        batch = list(self._waiting.values())
        try:
            await self.book.write(batch)
        except Exception as error:  # whatever a driver raises: answers go on
            self._fail(error)
            return False
        for record in batch:
            self._waiting.pop(_key(record), None)
            self._written[_key(record)] = None
        while len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)
        if self.reason:
            _log.warning("ledger.records_again", extra={"written": len(batch)})
        self.reason = None
        return True

    async def due(self, now_ms: int) -> Rows:
        """What can be scored."""
        return await self.book.due(self.world, now_ms)

    async def score(self, records: Sequence[Record]) -> None:
        """Note the outcomes that these records carry."""
        await self.book.score(records)

    async def report(self, since_ms: int, symbol: str | None = None) -> tuple[Report, int | None]:
        """How good what was said since then turned out to be, and when the oldest of it was."""
        forecasts, signals = await self.book.read(self.world, since_ms, symbol)
        rows: list[Record] = [*forecasts, *signals]
        oldest = min((row.origin_ms for row in rows), default=None)
        return await asyncio.to_thread(build_report, forecasts, signals), oldest

    async def aclose(self) -> None:
        """Write what waits, if that can be done, and close; returns after 3 s at the latest, since
        a database may be frozen rather than gone."""
        try:
            async with asyncio.timeout(self._closing_s):
                if self._writing:
                    await asyncio.wait([self._writing])
                await self.flush()
                await self.book.aclose()
        except TimeoutError:
            _log.error("ledger.not_closed", extra={"waiting": len(self._waiting)})

    async def _in_time(self, patience_s: float) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._drain())
        _, late = await asyncio.wait([self._writing], timeout=patience_s)
        if late and self.reason is None:
            self._fail(TimeoutError())

    async def _drain(self) -> None:
        """Write until nothing waits, so that what came meanwhile is written as well."""
        while await self.flush() and self._waiting:
            pass

    def _fail(self, error: Exception) -> None:
        reason = told(error)
        self._again_s = self.clock.monotonic() + AGAIN_S
        if self.reason is None:
            _log.error("ledger.failed", extra={"why": reason})
        self.reason = reason


def _key(record: Record) -> str:
    said = isinstance(record, ForecastRecord) and record.probability_up is not None
    return f"{record.id}|up" if said else record.id


def open_ledger(url: str, clock: Clock, world: str) -> Ledger:
    """A ledger at a database's address; nothing is opened yet."""

    def open_database() -> "Database":
        from lib.ledger.database import Database  # SQLAlchemy only where there is a ledger

        return Database(url)

    return Ledger(ThreadedBook(open_database), clock, world)
