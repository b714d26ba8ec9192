"""Sources in order: ask the first; when it fails or dawdles, the next; the first valid wins."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from lib.clock import Clock
from lib.errors import SourceError
from lib.sourced import Attempt

T = TypeVar("T")

HEDGE_S = 0.4


class Race(Generic[T]):
    """One run over a feed's sources; `tried` grows in the order in which they were asked.

    A source that has not answered within `HEDGE_S` is not given up: the next one is asked beside
    it, and whichever answers first wins. Only the deadline ends the race without an answer.
    """

    def __init__(self, clock: Clock, hedge_s: float = HEDGE_S) -> None:
        self._clock = clock
        self._hedge_s = hedge_s
        self._began: dict[str, float] = {}
        self._ended: dict[str, tuple[str, float]] = {}

    @property
    def tried(self) -> tuple[Attempt, ...]:
        """Who was asked and what came of it; who has not answered yet counts as a time-out."""
        now = self._clock.monotonic()
        made = []
        for source, began in self._began.items():
            outcome, ended = self._ended.get(source, ("timeout", now))
            made.append(Attempt(source, outcome, round((ended - began) * 1000)))
        return tuple(made)

    async def run(
        self, sources: Iterable[str], ask: Callable[[str], Awaitable[T]], budget_s: float
    ) -> tuple[str, T] | None:
        """The winner and its value, or `None` when nobody answered in time."""
        deadline = self._clock.monotonic() + budget_s
        waiting: dict[asyncio.Task[T], str] = {}
        left = iter(sources)
        try:
            while True:
                source = next(left, None)
                if source is not None:
                    self._began[source] = self._clock.monotonic()
                    waiting[asyncio.ensure_future(_awaited(ask(source)))] = source
                if not waiting:
                    return None
                room = deadline - self._clock.monotonic()
                patience = room if source is None else min(self._hedge_s, room)
                won = await self._first(waiting, patience)
                if won:
                    return won
                if source is None and not waiting:
                    return None
                if self._clock.monotonic() >= deadline:
                    return None
        finally:
            for task in waiting:
                task.cancel()

    async def _first(
        self, waiting: dict["asyncio.Task[T]", str], patience_s: float
    ) -> tuple[str, T] | None:
        """Wait until one answers well, all waited for have failed, or patience ends."""
        until = self._clock.monotonic() + patience_s
        while waiting:
            timeout = max(0.0, until - self._clock.monotonic())
            done, _ = await asyncio.wait(
                waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return None
            for task in done:
                source = waiting.pop(task)
                error = task.exception()
                outcome = "ok" if error is None else getattr(error, "outcome", "unavailable")
                self._ended[source] = (outcome, self._clock.monotonic())
                if error is None:
                    return source, task.result()
                if not isinstance(error, SourceError):
                    raise error
        return None


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable
