"""Replies that sockets follow: each path is asked again once for all, and sent when it changed."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from adapters.answers import Answers
from lib.clock import Clock
from lib.errors import ApiError
from lib.live.hub import Listener
from lib.live.topics import Topic
from lib.live.updates import Update
from lib.market import Pair

LEAST_S: Final = 1.0
USUAL_S: Final = 10.0
MOST_TARGETS: Final = 200

_log = logging.getLogger("dreammaker.live")


class Repeats:
    """Who follows which path. A path is asked when its last answer is no longer fresh."""

    def __init__(self, answers: Answers, clock: Clock) -> None:
        self._answers = answers
        self._clock = clock
        self._listeners: dict[str, dict[Listener, None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def join(self, listener: Listener, target: str, body: bytes) -> bool:
        """Follow a path whose last answer was `body`; `False` if too many paths are followed."""
        listeners = self._listeners.get(target)
        if listeners is None:
            if len(self._listeners) >= MOST_TARGETS:
                return False
            listeners = self._listeners[target] = {}
            self._tasks[target] = asyncio.create_task(self._ask(target, body))
        listeners[listener] = None
        return True

    def leave(self, listener: Listener, target: str) -> None:
        """Follow it no more."""
        listeners = self._listeners.get(target, {})
        listeners.pop(listener, None)
        if not listeners and target in self._tasks:
            self._tasks.pop(target).cancel()
            del self._listeners[target]

    async def _ask(self, target: str, body: bytes) -> None:
        wait_s = LEAST_S
        while True:
            await asyncio.sleep(wait_s)
            try:
                rendered = await self._answers.answer(target)
            except ApiError:
                wait_s = USUAL_S
                continue
            except Exception:
                _log.exception("repeat.failed")
                wait_s = USUAL_S
                continue
            left_s = (rendered.fresh_until_ms - self._clock.now_ms()) / 1000
            wait_s = max(LEAST_S, left_s if rendered.fresh_until_ms else USUAL_S)
            if rendered.body != body:
                body = rendered.body
                self._hand_out(target, [reply_update(target, body, self._clock.now_ms())])

    def _hand_out(self, target: str, updates: Sequence[Update]) -> None:
        for listener in list(self._listeners.get(target, ())):
            listener.take(updates)


def reply_update(target: str, body: bytes, now_ms: int) -> Update:
    """A path's body as a message of its own."""
    return Update(Topic(target, Pair("", "")), "data", 0, now_ms, body)
