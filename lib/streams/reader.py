"""Keeps one venue's connection alive: connects, subscribes, watches for silence, starts again."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final, NamedTuple, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from lib.errors import SourceError, SourceMalformed
from lib.streams.base import LONGEST_FRAME, Ending, Event, KeepAlive, VenueStream, Wanted

MOST_RUBBISH: Final = 3  # unreadable frames in a row, then it is no stream
GEO_STATUSES: Final = (451, 403)

_log = logging.getLogger("dreammaker.streams")


class Pace(NamedTuple):
    """How patient a reader is, in seconds."""

    silence_s: float = 10.0
    open_s: float = 5.0
    backoff_s: float = 0.5
    most_backoff_s: float = 8.0
    life_s: float = 23.5 * 3600  # Binance ends a connection after 24 hours: we go first


class Sink(Protocol):
    """Who is told what a reader sees."""

    def seen(self, venue: str, events: list[Event]) -> None:
        """A frame came; `events` may be empty."""

    def lost(self, venue: str, reason: str, failures: int, *, geo: bool) -> None:
        """The connection failed, for the `failures`-th time since it last told something."""


class _Lost(Exception):
    def __init__(self, reason: str, *, geo: bool = False) -> None:
        super().__init__(reason)
        self.geo = geo


class _Planned(Exception):
    """The connection ends without fault."""


class Reader:
    """One connection to one venue, as long as anything is wanted of it."""

    def __init__(self, venue: VenueStream, sink: Sink, pace: Pace | None = None) -> None:
        self._venue = venue
        self._sink = sink
        self._pace = pace or Pace()
        self._wanted: frozenset[Wanted] = frozenset()
        self._changed = asyncio.Event()
        self._failures = 0

    def want(self, wanted: Iterable[Wanted]) -> None:
        """From now on these and nothing else."""
        new = frozenset(wanted)
        if new != self._wanted:
            self._wanted = new
            self._changed.set()

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            while not self._wanted:
                self._failures = 0
                self._changed.clear()
                await self._changed.wait()
            try:
                await self._session()
            except _Planned:
                continue
            except _Lost as lost:
                await self._fail(str(lost), geo=lost.geo)
            except ConnectionClosed as error:
                if self._wanted:
                    code = error.rcvd.code if error.rcvd else 1006
                    await self._fail(f"closed with {code}", geo=False)
            except InvalidStatus as error:
                status = error.response.status_code
                await self._fail(f"status {status}", geo=status in GEO_STATUSES)
            except (OSError, WebSocketException) as error:
                await self._fail(f"unreachable: {type(error).__name__}", geo=False)
            except SourceError as error:
                await self._fail(error.outcome, geo=error.outcome == "geo_blocked")

    async def _fail(self, reason: str, *, geo: bool) -> None:
        self._failures += 1
        name = self._venue.name
        _log.warning(
            "stream.lost", extra={"source": name, "why": reason, "failures": self._failures}
        )
        self._sink.lost(name, reason, self._failures, geo=geo)
        most = min(self._pace.most_backoff_s, self._pace.backoff_s * 2 ** (self._failures - 1))
        await asyncio.sleep(most * random.uniform(0.5, 1))  # noqa: S311 - jitter is no secret

    async def _session(self) -> None:
        wanted = self._wanted
        self._changed.clear()
        async with self._connected(wanted) as (socket, keep_alive):
            for text in self._venue.join(sorted(wanted), fresh=True):
                await socket.send(text)
            helpers = [asyncio.create_task(self._follow(socket, wanted))]
            if keep_alive:
                helpers.append(asyncio.create_task(_keep_alive(socket, keep_alive)))
            try:
                async with asyncio.timeout(self._pace.life_s):
                    await self._read(socket)
            except TimeoutError:
                raise _Planned from None
            finally:
                for helper in helpers:
                    helper.cancel()

    @asynccontextmanager
    async def _connected(
        self, wanted: frozenset[Wanted]
    ) -> AsyncIterator[tuple[ClientConnection, KeepAlive | None]]:
        address = await self._venue.address(sorted(wanted))
        opening = connect(
            address.url,
            open_timeout=self._pace.open_s,
            close_timeout=1,
            ping_interval=None,  # frames are what counts, and the watchdog waits for them
            max_size=LONGEST_FRAME,
            compression=None,
            proxy=None,
            user_agent_header="dreammaker",
        )
        try:
            socket = await opening
        except TimeoutError:
            raise _Lost("no answer to the handshake") from None
        try:
            yield socket, address.keep_alive
        finally:
            with suppress(OSError, WebSocketException):
                await socket.close()

    async def _read(self, socket: ClientConnection) -> None:
        rubbish = 0
        while True:
            try:
                async with asyncio.timeout(self._pace.silence_s):
                    frame = await socket.recv()
            except TimeoutError:
                raise _Lost(f"silent for {self._pace.silence_s:g} s") from None
            try:
                events = self._venue.parse(frame)
            except SourceMalformed as error:
                rubbish += 1
                _log.warning(
                    "stream.malformed", extra={"source": self._venue.name, "why": str(error)}
                )
                if rubbish >= MOST_RUBBISH:
                    raise _Lost("frames that make no sense") from None
                continue
            rubbish = 0
            if events:
                self._failures = 0
            self._sink.seen(self._venue.name, events)
            if any(isinstance(event, Ending) for event in events):
                raise _Planned

    async def _follow(self, socket: ClientConnection, joined: frozenset[Wanted]) -> None:
        """Subscribe to what is newly wanted, leave what is wanted no more."""
        with suppress(ConnectionClosed):
            while True:
                await self._changed.wait()
                self._changed.clear()
                wanted = self._wanted
                if not wanted:
                    await socket.close()
                    return
                texts = self._venue.leave(sorted(joined - wanted)) if joined - wanted else []
                if wanted - joined:
                    texts += self._venue.join(sorted(wanted - joined), fresh=False)
                for text in texts:
                    await socket.send(text)
                joined = wanted
                await asyncio.sleep(0.25)  # Binance takes five messages a second


async def _keep_alive(socket: ClientConnection, keep_alive: KeepAlive) -> None:
    with suppress(ConnectionClosed):
        while True:
            await asyncio.sleep(keep_alive.every_s)
            await socket.send(keep_alive.text)
