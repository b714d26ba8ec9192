"""Single flight: callers who want the same thing at the same time share one task."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_log = logging.getLogger("dreammaker.flights")


class Flights:
    """One running task a key. A caller who leaves cancels nobody: the task is awaited shielded.

    Args:
        expected: errors that are no news; others are logged, for perhaps nobody waits.
    """

    def __init__(self, expected: type[Exception] | tuple[type[Exception], ...] = Exception) -> None:
        self._expected = expected
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    def start(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]]) -> "asyncio.Task[T]":
        """The task under way for `key`, or a new one. Its exception is never "not retrieved"."""
        task = self._running.get(key)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = asyncio.create_task(make())
            self._running[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    async def join(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await the task of `key` without owning it."""
        return await asyncio.shield(self.start(key, make))

    def _landed(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        if self._running.get(key) is task:
            del self._running[key]
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, self._expected):
            _log.error("flight.broken", exc_info=error)

    async def aclose(self) -> None:
        """Cancel what is under way and wait for it."""
        here = asyncio.get_running_loop()
        tasks = [task for task in self._running.values() if task.get_loop() is here]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
