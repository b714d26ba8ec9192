"""Who listens to what: each update goes once to each of its listeners, encoded once for all."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from lib.clock import Clock
from lib.endpoint import Channel
from lib.live.replay import Replay
from lib.live.topics import Topic
from lib.live.updates import Item, Update, build_update

AT_ONCE: Final = 250
"""Listeners served before others get a turn of the event loop."""


class Listener(Protocol):
    """Whoever follows topics. `take` must not wait and must not fail."""

    def take(self, updates: Sequence[Update]) -> None:
        """Send these, or keep of them what a slow reader shall have."""


class Watcher(Protocol):
    """Is told what anybody listens to."""

    def watch(self, topic: Topic) -> None:
        """The first listener of a topic came."""

    def unwatch(self, topic: Topic) -> None:
        """The last one left."""


class Hub:
    """Topics and their listeners in this process."""

    def __init__(self, channels: Iterable[Channel], clock: Clock) -> None:
        self.channels = {channel.name: channel for channel in channels}
        self._clock = clock
        # micros, so that numbers ascend over restarts whatever the rate was
        start = clock.now_ms() * 1000
        self.replays = {name: Replay(start) for name in self.channels}
        self.latest: dict[Topic, Update] = {}
        self.trouble: dict[Topic, Update] = {}
        self.watcher: Watcher | None = None
        self.delivered = 0
        self.dropped = 0  # by slow readers
        self._listeners: dict[Topic, dict[Listener, None]] = {}
        self._due: list[tuple[Listener, list[Update]]] = []
        self._work = asyncio.Event()

    def join(self, listener: Listener, topic: Topic) -> None:
        """Follow a topic from now on."""
        listeners = self._listeners.setdefault(topic, {})
        if not listeners and self.watcher:
            self.watcher.watch(topic)
        listeners[listener] = None

    def leave(self, listener: Listener, topic: Topic) -> None:
        """Follow a topic no more."""
        listeners = self._listeners.get(topic)
        if not listeners:
            return
        listeners.pop(listener, None)
        if not listeners:
            del self._listeners[topic]
            if self.watcher:
                self.watcher.unwatch(topic)

    def listeners(self, topic: Topic) -> int:
        """How many listen to a topic."""
        return len(self._listeners.get(topic, ()))

    def number(self, items: Sequence[Item]) -> None:
        """Number these messages and hand them out, in a process of its own."""
        now_ms = self._clock.now_ms()
        updates = []
        for item in items:
            channel = self.channels[item.topic.channel]
            seq = self.replays[channel.name].last + 1
            update = build_update(channel, item, seq, now_ms)
            self.replays[channel.name].add(update)
            updates.append(update)
        self._hand_out(updates)

    def accept(self, updates: Sequence[Update]) -> None:
        """Hand out messages that were numbered for several processes."""
        for update in updates:
            self.replays[update.topic.channel].add(update)
        self._hand_out(updates)

    def remember(self, updates: Sequence[Update]) -> None:
        """Keep messages from before this process was there; nobody is served."""
        for update in updates:
            self.replays[update.topic.channel].add(update)

    def _hand_out(self, updates: Sequence[Update]) -> None:
        touched: dict[Listener, list[Update]] = {}
        for update in updates:
            self._remember(update)
            for listener in self._listeners.get(update.topic, ()):
                touched.setdefault(listener, []).append(update)
        if touched:
            self._due.extend(touched.items())
            self._work.set()

    def _remember(self, update: Update) -> None:
        if update.kind == "data":
            self.latest[update.topic] = update
        elif update.kind == "status":
            self.trouble.pop(update.topic, None)
            if b'"status":"live"' not in update.text:
                self.trouble[update.topic] = update

    def recall(self, topic: Topic) -> bytes | None:
        """What was last told of a topic."""
        update = self.latest.get(topic)
        return update.text if update else None

    def forget(self, topic: Topic) -> None:
        """Nobody follows this topic any more: what was last said of it grows old."""
        self.latest.pop(topic, None)
        self.trouble.pop(topic, None)

    def flush(self, most: int | None = None) -> bool:
        """Serve the next listeners; whether any are left."""
        due = self._due[:most]
        del self._due[: len(due)]
        for listener, updates in due:
            listener.take(updates)
            self.delivered += len(updates)
        return bool(self._due)

    async def run(self) -> None:
        """Serve listeners as updates come, some at a time so that nobody else has to wait."""
        while True:
            await self._work.wait()
            self._work.clear()
            for _ in range(0, len(self._due), AT_ONCE):
                self.flush(AT_ONCE)
                await asyncio.sleep(0)
            if self._due:  # more came meanwhile
                self._work.set()
