"""Sources in order: ask the first; when it fails or dawdles, the next; the first valid wins."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

from lib.clock import Clock
from lib.errors import SourceError
from lib.sourced import Attempt

T = TypeVar("T")

HEDGE_S = 0.4


class Race(Generic[T]):
    """One run over a feed's sources; `tried` grows in the order in which they were asked.

    A source that has not answered within `hedge_s` is not given up: the next one is asked beside
    it, and whichever answers first wins. Only the deadline ends the race without an answer.
    """

    def __init__(self, clock: Clock, hedge_s: float = HEDGE_S) -> None:
        self._clock = clock
        self._hedge_s = hedge_s
        self._began: dict[str, float] = {}
        self._ended: dict[str, tuple[str, float]] = {}

    @property
    def tried(self) -> tuple[Attempt, ...]:
        """Who was asked and what came of it. Who was not waited for counts as a time-out, but
        not behind the winner: there nobody had their time."""
        now = self._clock.monotonic()
        made: list[Attempt] = []
        won = False
        for source, began in self._began.items():
            if won and source not in self._ended:
                continue
            outcome, ended = self._ended.get(source, ("timeout", now))
            won = won or outcome == "ok"
            made.append(Attempt(source, outcome, round((ended - began) * 1000)))
        return tuple(made)

    async def run(
        self, sources: Iterable[str], ask: Callable[[str], Coroutine[Any, Any, T]], budget_s: float
    ) -> tuple[str, T] | None:
        """The winner and its value, or `None` when nobody answered in time."""
        deadline = self._clock.monotonic() + budget_s
        waiting: dict[asyncio.Task[T], str] = {}
        try:
            for source in sources:
                self._began[source] = self._clock.monotonic()
                newest = asyncio.create_task(ask(source))
                waiting[newest] = source
                room = deadline - self._clock.monotonic()
                won = await self._first(waiting, min(self._hedge_s, room), newest)
                if won or self._clock.monotonic() >= deadline:
                    return won
            return await self._first(waiting, deadline - self._clock.monotonic())
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _first(
        self,
        waiting: dict["asyncio.Task[T]", str],
        patience_s: float,
        newest: "asyncio.Task[T] | None" = None,
    ) -> tuple[str, T] | None:
        """Wait until one answers well, `newest` (or everyone) has failed, or patience ends.

        The others have had their time when `newest` was asked: its failure is reason enough to
        ask the next.
        """
        until = self._clock.monotonic() + patience_s
        while waiting and (newest is None or newest in waiting):
            timeout = max(0.0, until - self._clock.monotonic())
            done, _ = await asyncio.wait(
                waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return None
            for task in [task for task in waiting if task in done]:
                source = waiting[task]
                error = task.exception()
                if error is not None and not isinstance(error, SourceError):
                    raise error
                del waiting[task]
                outcome = error.outcome if error else "ok"
                self._ended[source] = (outcome, self._clock.monotonic())
                if error is None:
                    return source, task.result()
        return None
