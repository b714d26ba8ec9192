"""What one process streams, the others answer from as well: its tickers go round once a second.

A process without streams of its own would ask the store and then the sources for prices that
another hears each second. Rows keep the time at which that other had them, so that nothing looks
younger here than there. What is lost on the way is not sent again: the next second brings it.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Struct
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from lib.live.keys import LIVE, Keys
from lib.market import Ticker
from lib.units import UnixMs

KEPT: Final = 16
"""Messages: a second's of several processes, for whoever is late."""

PATIENCE_S: Final = 1.0
BLOCK_MS: Final = 1000
_LOST: Final = (RedisError, OSError, TimeoutError)

Keep = Callable[[str, Mapping[str, Ticker], UnixMs], None]
"""Takes a venue, its rows by pair, and when they were as they are."""

_log = logging.getLogger("dreammaker.live")


class _Message(Struct, array_like=True):
    mark: str  # of the process
    venue: str
    at_ms: UnixMs
    rows: dict[str, Ticker]


class SharedRows:
    """The rows of all processes of one world on one Redis; `keep` is given the others'."""

    def __init__(self, url: str, keep: Keep, keys: Keys = LIVE) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=None,
            protocol=2,
        )
        self._keep = keep
        self._key = keys.rows
        self._mark = secrets.token_hex(8)
        self._due: dict[str, bytes] = {}
        self._work = asyncio.Event()

    def share(self, venue: str, rows: Mapping[str, Ticker], at_ms: UnixMs) -> None:
        """Give rows to the others; what still waits of the venue is older, and let go."""
        self._due[venue] = msgspec.msgpack.encode(_Message(self._mark, venue, at_ms, dict(rows)))
        self._work.set()

    async def run(self) -> None:
        """Send and read until cancelled. While Redis is away each process has its own rows; the
        relay, which shares that Redis, tells of it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send())
                tasks.create_task(self._read())
        finally:
            await self._redis.aclose()

    async def _send(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            due, self._due = self._due, {}
            with suppress(*_LOST):
                async with asyncio.timeout(PATIENCE_S):
                    for packed in due.values():
                        await self._redis.xadd(
                            self._key, {"m": packed}, maxlen=KEPT, approximate=False
                        )

    async def _read(self) -> None:
        last = "$"
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S + BLOCK_MS / 1000):
                    found: Any = await self._redis.xread({self._key: last}, block=BLOCK_MS)
            except _LOST:
                last = "$"
                await asyncio.sleep(PATIENCE_S)
                continue
            for identity, fields in found[0][1] if found else ():
                last = identity.decode()
                self._take(fields[b"m"])

    def _take(self, packed: bytes) -> None:
        try:
            message = msgspec.msgpack.decode(packed, type=_Message)
        except msgspec.MsgspecError as error:  # of another version, for a while
            _log.warning("rows.unread", extra={"why": str(error)[:100]})
            return
        if message.mark != self._mark:
            self._keep(message.venue, message.rows, message.at_ms)
