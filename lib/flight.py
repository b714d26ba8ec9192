"""Single flight: callers who want the same thing at the same time share one task."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Flights:
    """One running task a key. A caller who leaves cancels nobody: the task is awaited shielded."""

    def __init__(self) -> None:
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
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody waiting is fine too

    async def aclose(self) -> None:
        """Cancel what is under way and wait for it."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
