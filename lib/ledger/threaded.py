"""A ledger's database, asked in a thread of its own."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

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
        self._thread.shutdown(wait=False)

    async def _ask(self, ask: "Callable[[Database], T]") -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._call, ask)

    def _call(self, ask: "Callable[[Database], T]") -> T:
        if self._database is None:
            self._database = self._open()
        return ask(self._database)
