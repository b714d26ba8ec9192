"""What no stream tells is asked for; what a stream skipped is fetched afterwards."""

import asyncio
import logging
from math import inf
from typing import Any, Final

from lib.clock import Clock
from lib.feeds import TRADES, Feed
from lib.highway.road import Highway
from lib.live.telling import Teller
from lib.live.watch import Watch
from lib.market import Trade
from lib.queries import CandleQuery, PairQuery, Query
from lib.sourced import NoSource, Sourced
from lib.streams.base import BarSeen, BookSeen, Event, TickerSeen, TradeSeen, Wanted

AT_ONCE: Final = 4
TRIES: Final = 5
AGAIN_S: Final = 0.4

_log = logging.getLogger("dreammaker.live")


class Poller:
    """Asks the highway on behalf of listeners: it is cached there, and one call serves many."""

    def __init__(self, highway: Highway, teller: Teller, clock: Clock) -> None:
        self._highway = highway
        self._clock = clock
        self._teller = teller
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def poll(self, watch: Watch, feed: Feed[Any, Any]) -> None:
        """Ask once, and tell what is new."""
        found: Sourced[Any] | None = None
        try:
            async with self._turns:
                found = await self._highway.fetch(feed, query_of(watch.wanted))
        except NoSource as error:
            if watch.voice is None:
                reasons = ", ".join(f"{a.source} {a.outcome}" for a in error.tried)
                self._teller.set_state(watch, "down", "", reasons or "no source")
        except Exception:
            _log.exception("poll.failed", extra={"feed": feed.name})
        finally:
            watch.polling = False
            watch.poll_at = self._next(watch, feed, found)
        if found is None:
            return
        if watch.voice is None:
            if found.refused:
                reasons = ", ".join(f"{a.source} {a.outcome}" for a in found.refused)
                self._teller.set_state(watch, "down", found.source, reasons)
            else:
                self._teller.set_state(watch, "polling", found.source, "")
        silent = watch.voice is None
        if silent or (watch.voice == found.source and watch.wanted.feed != "trades"):
            for event in events_of(watch, found, self._teller.last_trade(watch, found.source)):
                if found.as_of_ms >= watch.told_ms:  # a stream may have overtaken it
                    self._teller.tell(watch, event, found.source, polled=True)

    def _next(self, watch: Watch, feed: Feed[Any, Any], found: Sourced[Any] | None) -> float:
        """When to poll again: at the feed's pace while nobody tells, rarely while a stream does."""
        now = self._clock.monotonic()
        if watch.voice is None:
            return now + (max(feed.fresh_s, 1.0) if found else 2.0)
        return inf if watch.wanted.feed == "trades" else now + max(15.0, feed.fresh_s)

    def backfill(self, watch: Watch, source: str, first: int, last: int) -> None:
        """Fetch trades that a stream skipped."""
        task = asyncio.create_task(self._backfill(watch, source, first, last))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _backfill(self, watch: Watch, source: str, first: int, last: int) -> None:
        asked_ms = self._clock.now_ms()
        query = PairQuery(watch.wanted.pair)
        for _ in range(TRIES):
            try:
                async with self._turns:
                    found = await self._highway.fetch(TRADES, query, fresh_s=AGAIN_S)
            except NoSource:
                return
            if found.fetched_ms >= asked_ms:
                break
            await asyncio.sleep(AGAIN_S)  # that was kept from before; a new one is on its way
        if found.source != source:
            return
        for trade in found.value.rows:
            if first <= _number(trade) <= last:
                event = TradeSeen(found.value.pair, trade)
                self._teller.tell(watch, event, source)


def query_of(wanted: Wanted) -> Query:
    """The highway's question for a watched thing."""
    if wanted.feed == "candles":
        return CandleQuery(wanted.pair, wanted.timeframe, 2)
    return PairQuery(wanted.pair)


def events_of(watch: Watch, found: Sourced[Any], last: int | None) -> list[Event]:
    """What a polled value tells, in a stream's words; of trades those after the `last` one, or
    since the last poll, at first the newest."""
    value = found.value
    match watch.wanted.feed:
        case "tickers":
            return [TickerSeen(value)]
        case "books":
            return [BookSeen(value)]
        case "candles":
            return [BarSeen(value.pair, value.timeframe, bar, value.time_ms) for bar in value.bars]
    rows = [row for row in value.rows if last is None or _number(row) > last]
    if last is None and not watch.knows_trades:
        for row in rows[:-1]:
            watch.is_new(found.source, row.id)
    return [TradeSeen(value.pair, row) for row in rows]


def _number(trade: Trade) -> int:
    """A trade's place among those of its venue; 0 where it has no number."""
    return int(trade.id) if trade.id.isdecimal() else 0
