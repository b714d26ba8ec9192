"""Counts that travel with whatever else is sent: over HTTP a round trip is what costs."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from lib.store import PATIENCE_S
from lib.store.remote import ADD_ALL, Command, RemoteStore

WAIT_S: Final = 0.003
"""How long counts wait for company. Beside a request that asks the store it is never so long."""


@dataclass(eq=False, slots=True)
class _Rider:
    commands: list[Command]
    replies: asyncio.Future[list[Any]]


class RidingStore(RemoteStore):
    """A remote store of one process. Who only counts waits a moment for somebody who must go, and
    goes along in one pipeline; else alone.

    They share their journey's fate: what goes wrong, goes wrong for all aboard.
    """

    def __init__(self, inner: RemoteStore, patience_s: float = PATIENCE_S) -> None:
        super().__init__(patience_s)
        self._inner = inner
        self._waiting: list[_Rider] = []

    async def send(self, commands: list[Command]) -> list[Any]:
        if not all(command[:2] == ["EVAL", ADD_ALL] for command in commands):
            return await self._depart(commands)
        rider = _Rider(commands, asyncio.get_running_loop().create_future())
        self._waiting.append(rider)
        try:
            await asyncio.wait({rider.replies}, timeout=WAIT_S)
            if rider not in self._waiting:
                return await rider.replies
        finally:
            if rider in self._waiting:
                self._waiting.remove(rider)
            rider.replies.cancel()  # of no effect on what is known already
        return await self._depart(commands)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _depart(self, commands: list[Command]) -> list[Any]:
        riders, self._waiting = self._waiting, []
        aboard = [*commands, *(command for rider in riders for command in rider.commands)]
        try:
            replies = await self._inner.send(aboard)
        except BaseException as error:
            for rider in riders:
                if not rider.replies.done():
                    rider.replies.set_exception(ConnectionError(type(error).__name__))
            raise
        at = len(commands)
        for rider in riders:
            end = at + len(rider.commands)
            if not rider.replies.done():
                rider.replies.set_result(replies[at:end])
            at = end
        return replies[: len(commands)]
