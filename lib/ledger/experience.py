"""What a ledger has taught about a model, learnt aside and kept for an hour."""

import asyncio
import logging
from typing import Final

from lib.clock import Clock
from lib.ledger.book import Book
from lib.ledger.faults import told
from lib.ledger.recalibration import Factors, learn_factors
from lib.timeframes import DAY_MS

LOOK_BACK_MS: Final = 60 * DAY_MS
KEPT_S: Final = 3600.0
PATIENCE_S: Final = 0.3

_log = logging.getLogger("dreammaker.ledger")
_Key = tuple[str, str]


class Experience:
    """Reads the record of one model at a time; no answer waits for it longer than 0.3 s."""

    def __init__(self, book: Book, clock: Clock, world: str) -> None:
        self._book = book
        self._clock = clock
        self._world = world
        self._known: dict[_Key, tuple[float, Factors | None]] = {}
        self._learning: dict[_Key, asyncio.Task[None]] = {}

    async def factors(self, model: str, timeframe: str) -> Factors | None:
        """How far its intervals have to be stretched; `None` while too little or nothing is
        known."""
        key = (model, timeframe)
        until_s, known = self._known.get(key, (0.0, None))
        if self._clock.monotonic() < until_s:
            return known
        if key not in self._learning or self._learning[key].done():
            self._learning[key] = asyncio.create_task(self._learn(key))
        await asyncio.wait([self._learning[key]], timeout=PATIENCE_S)
        return self._known.get(key, (0.0, None))[1]

    async def _learn(self, key: _Key) -> None:
        model, timeframe = key
        found = None
        since_ms = self._clock.now_ms() - LOOK_BACK_MS
        try:
            rows, _ = await self._book.read(self._world, since_ms, None, model)
            mine = [row for row in rows if row.timeframe == timeframe]
            found = await asyncio.to_thread(learn_factors, mine)
        except Exception as error:  # whatever a driver raises: forecasts go on, and say so
            _log.warning("ledger.not_learnt", extra={"why": told(error)})
        self._known[key] = (self._clock.monotonic() + KEPT_S, found)
