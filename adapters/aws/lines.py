"""The pump's listeners: what each connection is to be told, posted a bounded number at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from adapters.aws.dynamodb import TableFailed
from adapters.aws.posting import Gone, NotPosted, Postbox
from lib.clock import Clock
from lib.endpoint import Channel
from lib.feeds import TICKERS
from lib.live.hub import Watcher
from lib.live.mailbox import Mailbox
from lib.live.topics import Topic
from lib.live.updates import Item, Update, build_update

POSTS_AT_ONCE: Final = 32

_log = logging.getLogger("dreammaker.live")


class Line:
    """One connection. What waits for it is bounded, however slowly it can be posted."""

    def __init__(self, connection: str, channel_of: Callable[[str], Channel | None]) -> None:
        self.connection = connection
        self.topics: set[Topic] = set()
        self.mailbox = Mailbox(channel_of)
        self.texts: list[bytes] = []  # before all that is in the mailbox
        self.queued = False

    def take_all(self) -> list[Update | bytes]:
        """Everything that waits, in order."""
        texts, self.texts = self.texts, []
        return [*texts, *self.mailbox.empty()]

    def put_back(self, rest: Sequence[Update | bytes]) -> None:
        """Keep what could not be posted, before what has come since."""
        both = [*rest, *self.mailbox.empty()]
        self.texts += [one for one in both if isinstance(one, bytes)]
        self.mailbox.put([one for one in both if isinstance(one, Update)])


class Lines:
    """Who follows what, as the table last said; a `Publisher` of messages to them.

    Args:
        forget: is told of connections that are gone, and where they were found.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        postbox: Postbox,
        clock: Clock,
        forget: Callable[[str, Iterable[Topic]], Awaitable[None]],
    ) -> None:
        self.watcher: Watcher | None = None
        self.posted = 0
        self.gone = 0
        self._channels = channels
        self._postbox = postbox
        self._clock = clock
        self._forget = forget
        self._lines: dict[str, Line] = {}
        self._followers: dict[Topic, set[Line]] = {}
        self._told: dict[Topic, dict[str, Item]] = {}
        self._last = 0
        self._due: asyncio.Queue[Line] = asyncio.Queue()

    def __len__(self) -> int:
        return len(self._lines)

    # who follows what

    def set_followers(self, found: Mapping[Topic, Sequence[str]]) -> None:
        """From now on these connections follow these topics, and no others."""
        wanted = {(topic, name) for topic, names in found.items() for name in names}
        known = {(topic, line.connection) for topic, s in self._followers.items() for line in s}
        for topic, name in known - wanted:
            self._leave(topic, self._lines[name])
        for topic, name in sorted(wanted - known):
            line = self._lines.setdefault(name, Line(name, self._channels.get))
            self._join(topic, line)
        for name in [name for name, line in self._lines.items() if not line.topics]:
            del self._lines[name]

    def say(self, connection: str, text: bytes) -> None:
        """Say something to a connection, before all that waits for it."""
        line = self._lines.get(connection) or Line(connection, self._channels.get)
        line.texts.append(text)
        self._send(line)

    def send_what_waits(self) -> None:
        """Try once more what could not be posted."""
        for line in self._lines.values():
            self._send(line)

    def forget_topic(self, topic: Topic) -> None:
        """Nobody has followed this for a while: what was last said of it grows old."""
        self._told.pop(topic, None)

    def _join(self, topic: Topic, line: Line) -> None:
        line.topics.add(topic)
        followers = self._followers.setdefault(topic, set())
        if not followers and self.watcher:
            self.watcher.watch(topic)
        followers.add(line)
        channel = self._channels[topic.channel]
        for kind, item in self._told.get(topic, {}).items():
            # a ticker's value came with the acknowledgement; trades are told as they happen
            if kind == "status" or (channel.delivery == "latest" and channel.feed is not TICKERS):
                line.mailbox.put([self._number(item)])
        self._send(line)

    def _leave(self, topic: Topic, line: Line) -> None:
        line.topics.discard(topic)
        followers = self._followers[topic]
        followers.discard(line)
        if not followers:
            del self._followers[topic]
            if self.watcher:
                self.watcher.unwatch(topic)

    # as a publisher

    def publish(self, items: Sequence[Item]) -> None:
        """Number these and hand them to whoever follows."""
        for item in items:
            self._remember(item)
            update = self._number(item)
            for line in self._followers.get(item.topic, ()):
                line.mailbox.put([update])
                self._send(line)

    def leads(self, topic: Topic) -> bool:  # noqa: ARG002 - whoever pumps leads all
        """Whether this process asks for a topic."""
        return True

    def follow(self, topics: Iterable[Topic]) -> None: ...

    async def ready(self) -> None: ...

    async def run(self) -> None:
        """Post until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(POSTS_AT_ONCE):
                tasks.create_task(self._post())

    async def posted_all(self) -> None:
        """Wait until nothing waits any more that can be posted."""
        await self._due.join()

    def _remember(self, item: Item) -> None:
        told = self._told.setdefault(item.topic, {})
        if item.kind == "status" and b'"status":"polling"' in item.body:
            told.pop("status", None)  # all is well again
        elif item.kind != "gap":
            told[item.kind] = item

    def _number(self, item: Item) -> Update:
        # by the time, so that numbers ascend after those that other functions gave
        now_ms = self._clock.now_ms()
        self._last = max(self._last + 1, now_ms * 1000)
        return build_update(self._channels[item.topic.channel], item, self._last, now_ms)

    # posting

    def _send(self, line: Line) -> None:
        if not line.queued and (line.texts or line.mailbox):
            line.queued = True
            self._due.put_nowait(line)

    async def _post(self) -> None:
        """Serve one connection after the other, each one's messages in order."""
        while True:
            line = await self._due.get()
            try:
                while waiting := line.take_all():
                    if not await self._post_all(line, waiting):
                        break
            finally:
                line.queued = False
                self._due.task_done()

    async def _post_all(self, line: Line, waiting: Sequence[Update | bytes]) -> bool:
        for at, one in enumerate(waiting):
            try:
                text = one if isinstance(one, bytes) else one.text
                await self._postbox.post(line.connection, text)
            except Gone:
                await self._drop(line)
                return False
            except NotPosted as error:
                _log.warning("pump.not_posted", extra={"why": str(error)})
                line.put_back(waiting[at:])
                return False
            self.posted += 1
        return True

    async def _drop(self, line: Line) -> None:
        self.gone += 1
        topics = set(line.topics)
        for topic in topics:
            self._leave(topic, line)
        self._lines.pop(line.connection, None)
        try:
            await self._forget(line.connection, topics)
        except TableFailed as error:  # the next one who posts to it finds out again
            _log.warning("pump.not_forgotten", extra={"why": str(error)})
