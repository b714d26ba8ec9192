"""The pump: called by the clock each minute, it asks for what is followed and posts what is new.

While somebody follows something it works until its time is nearly over, else it ends at once. It
is the inner half of a long-lived process, a `Tower` without streams: everything is polled, once a
topic however many follow it, and listeners are told when sources fail.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from adapters.aws.connections import Connections
from adapters.aws.dynamodb import TableFailed
from adapters.aws.function import Answer
from adapters.aws.lines import Lines
from adapters.aws.posting import Postbox
from lib.endpoint import Channel
from lib.live.topics import Topic
from lib.live.tower import Tower
from lib.live.updates import encode
from lib.runtime import Runtime

READS_AT_ONCE: Final = 10
LAST_POSTS_S: Final = 2.0
KEPT_MS: Final = 60_000  # a topic without followers: somebody may be about to be written there

_log = logging.getLogger("dreammaker.live")


class Pump:
    """Kept between calls while its process is: it knows what it has told."""

    def __init__(
        self,
        runtime: Runtime,
        channels: Sequence[Channel],
        connections: Connections,
        postbox: Postbox,
    ) -> None:
        self._clock = runtime.clock
        self._sync = runtime.sync
        self._every_s = runtime.settings.ws_pump_every_s
        self._channels = {channel.name: channel for channel in channels}
        self._connections = connections
        self._lines = Lines(self._channels, postbox, runtime.clock, connections.close)
        self._tower = Tower(
            self._channels,
            runtime.highway,
            (),
            self._lines,
            runtime.clock,
            label=runtime.context().label,
            forget=self._lines.forget_topic,
        )
        self._lines.watcher = self._tower
        self._holder = secrets.token_hex(8)

    async def run(self, left_s: Callable[[], float]) -> Answer:
        """Work until `left_s()` is nearly nothing; what was done.

        Raises:
            TableFailed: the table of connections cannot be read.
        """
        self._lines.posted = self._lines.gone = 0
        if not (await self._connections.watched() or await self._connections.owed_hellos()):
            return {"statusCode": 200, "posted": 0, "gone": 0}  # most minutes of most deployments
        until_ms = self._clock.now_ms() + round(1000 * left_s())
        if not await self._connections.take_lease(self._holder, until_ms):
            return {"statusCode": 200, "busy": True}
        try:
            if await self._look():
                await self._work(left_s)
        finally:
            await self._connections.give_up_lease(self._holder)
        done = {"posted": self._lines.posted, "gone": self._lines.gone}
        _log.info("pump.done", extra=done)
        return {"statusCode": 200, **done}

    async def _work(self, left_s: Callable[[], float]) -> None:
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(self._tower.run()), tasks.create_task(self._lines.run())]
            anybody = True
            while anybody and (rest_s := left_s() - LAST_POSTS_S) > 0:
                await asyncio.sleep(min(self._every_s, rest_s))
                await self._sync()  # what sources were asked counts for all
                try:
                    anybody = await self._look()
                except TableFailed as error:  # those known are served on
                    _log.warning("pump.blind", extra={"why": str(error)})
            try:
                async with asyncio.timeout(LAST_POSTS_S):
                    await self._lines.posted_all()
            except TimeoutError:
                _log.warning("pump.late", extra={"connections": len(self._lines)})
            for task in working:
                task.cancel()

    async def _look(self) -> bool:
        """See who follows what, and who waits for a first frame; whether there is anybody."""
        watched = await self._connections.watched()
        owed = await self._connections.owed_hellos()
        turns = asyncio.Semaphore(READS_AT_ONCE)

        async def followers(topic: Topic) -> tuple[Topic, list[str]]:
            async with turns:
                return topic, await self._connections.followers(topic)

        known = [topic for topic in watched if topic.channel in self._channels]
        found = dict(await asyncio.gather(*map(followers, known)))
        now_ms = self._clock.now_ms()
        for topic, names in found.items():
            if not names and now_ms - watched[topic] > KEPT_MS:
                await self._connections.unwatch(topic, watched[topic])
        self._lines.set_followers(found)
        for connection, name in owed.items():
            if await self._connections.claim_hello(connection):
                self._lines.say(connection, _hello(name, now_ms))
        self._lines.send_what_waits()
        return bool(owed or self._lines)


def _hello(channel: str, now_ms: int) -> bytes:
    hello = {"type": "connection", "status": "connected", "channels": [channel]}
    return encode({**hello, "timestamp": now_ms})
