"""The way out to one client: never waited for by others, bounded whatever the client does."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol

from adapters.socket_protocol import MOST_WAITING, SocketProtocol
from lib.live.hub import Hub
from lib.live.mailbox import Mailbox
from lib.live.updates import Update, text_frame

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Line(Protocol):
    """Texts to one client."""

    def take(self, updates: Sequence[Update]) -> None:
        """Send updates, or keep what a slow reader shall have."""

    async def say(self, text: bytes) -> None:
        """Send an answer; waits for a client that does not read."""

    async def end(self, code: int, reason: str) -> None:
        """Say goodbye."""

    def close(self) -> None:
        """Free what belongs to it."""


class WireLine:
    """Over our own protocol: frames are written as they are. A client that reads has no mailbox."""

    __slots__ = ("_hub", "_mailbox", "_wire")

    def __init__(self, wire: SocketProtocol, hub: Hub) -> None:
        self._wire = wire
        self._hub = hub
        self._mailbox: Mailbox | None = None
        wire.on_drain = self._drain

    def take(self, updates: Sequence[Update]) -> None:
        wire = self._wire
        if self._mailbox or wire.waiting >= MOST_WAITING:
            if self._mailbox is None:
                self._mailbox = Mailbox(self._hub.channels.get)
            self._mailbox.put(updates)
        elif len(updates) == 1:
            wire.write_frames(updates[0].frame)
        else:
            wire.write_frames(b"".join([update.frame for update in updates]))

    def _drain(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox:
            self._hub.dropped += mailbox.dropped
            kept = mailbox.empty()
            self._wire.write_frames(
                b"".join([k.frame if isinstance(k, Update) else text_frame(k) for k in kept])
            )

    async def say(self, text: bytes) -> None:
        await self._wire.drained()
        self._wire.write_frames(text_frame(text))

    async def end(self, code: int, reason: str) -> None:
        self._wire.end(code, reason)

    def close(self) -> None:
        self._hub.dropped += self._mailbox.dropped if self._mailbox else 0
        self._mailbox = None


class AsgiLine:
    """Over any ASGI server: one task sends, the rest waits in the mailbox."""

    def __init__(self, send: Send, hub: Hub) -> None:
        self._send = send
        self._hub = hub
        self.mailbox = Mailbox(hub.channels.get)
        self._work = asyncio.Event()
        self._turn = asyncio.Lock()
        self._task = asyncio.create_task(self._run())

    def take(self, updates: Sequence[Update]) -> None:
        self.mailbox.put(updates)
        self._work.set()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            async with self._turn:
                for one in self.mailbox.empty():
                    await self._text(one.text if isinstance(one, Update) else one)

    async def _text(self, text: bytes) -> None:
        try:
            await self._send({"type": "websocket.send", "text": text.decode()})
        except (OSError, RuntimeError):
            return  # the client is gone; the reading side will hear of it

    async def say(self, text: bytes) -> None:
        async with self._turn:
            await self._text(text)

    async def end(self, code: int, reason: str) -> None:
        self._task.cancel()
        async with self._turn:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})

    def close(self) -> None:
        self._task.cancel()
        self._hub.dropped += self.mailbox.dropped
