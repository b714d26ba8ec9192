"""A ledger's database, asked in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from lib.ledger.book import Rows
from lib.ledger.records import Record

if TYPE_CHECKING:
    from lib.ledger.database import Database

T = TypeVar("T")


class ThreadedBook:
    """A `Book` over a blocking database; `open_database` is called at the first need, in the
    thread, so that neither its driver's import nor the connection holds up the event loop."""

    def __init__(self, open_database: "Callable[[], Database]") -> None:
        self._open = open_database
        self._database: Database | None = None
        self._thread = _Thread()

    async def write(self, records: Sequence[Record]) -> None:
        await self._ask(lambda database: database.write(records))

    async def due(self, world: str, now_ms: int) -> Rows:
        return await self._ask(lambda database: database.due(world, now_ms))

    async def score(self, records: Sequence[Record]) -> None:
        await self._ask(lambda database: database.score(records))

    async def read(
        self, world: str, since_ms: int, symbol: str | None, model: str | None = None
    ) -> Rows:
        return await self._ask(lambda database: database.read(world, since_ms, symbol, model))

    async def aclose(self) -> None:
        if self._database:
            await self._ask(lambda database: database.close())
        self._thread.end()

    async def _ask(self, ask: "Callable[[Database], T]") -> T:
        return await asyncio.wrap_future(self._thread.submit(lambda: self._call(ask)))

    def _call(self, ask: "Callable[[Database], T]") -> T:
        if self._database is None:
            self._database = self._open()
        return ask(self._database)


class _Thread:
    """One thread that does one thing after another. Unlike an executor's it does not keep a process
    from ending, whose database may be frozen for ever."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._started = False

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Do this when all before is done."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._run, name="ledger", daemon=True).start()
        future: Future[T] = Future()
        self._jobs.put((future, work))
        return future

    def end(self) -> None:
        """Do nothing more when all before is done."""
        self._jobs.put(None)

    def _run(self) -> None:
        while job := self._jobs.get():
            future, work = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # the asker's, as an executor does
                future.set_exception(error)
