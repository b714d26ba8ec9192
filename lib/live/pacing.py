"""How often listeners hear: tickers once a second at most and only of change, trades all."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from lib.clock import Clock
from lib.endpoint import Channel
from lib.live.topics import Topic
from lib.live.updates import Item, encode

EVERY_S: Final = 1.0
MOST_QUEUED: Final = 20_000


class Pacing:
    """Messages on their way out."""

    def __init__(self, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._channels = channels
        self._clock = clock
        self._pending: dict[Topic, tuple[Struct, str]] = {}
        self._said: dict[Topic, tuple[float, Struct]] = {}
        self._closed: dict[Topic, int] = {}
        self._queue: list[Item] = []

    def put(self, topic: Topic, message: Struct, source: str) -> None:
        """A new value: of a `latest` channel it replaces the one that waits."""
        if getattr(message, "closed", False):
            self._close(topic, message, source)
        elif self._channels[topic.channel].delivery == "latest":
            self._pending[topic] = (message, source)
        elif len(self._queue) < MOST_QUEUED:
            self._queue.append(Item(topic, "data", encode(message), source))

    def _close(self, topic: Topic, bar: Struct, source: str) -> None:
        """A bar that can change no more is told always, and once."""
        opened = bar.t  # type: ignore[attr-defined]  # only bars are closed
        if self._closed.get(topic, 0) < opened:
            self._closed[topic] = opened
            self._pending.pop(topic, None)
            self._queue.append(Item(topic, "data", encode(bar), source))

    def say(self, item: Item) -> None:
        """Something about a topic, as soon as may be."""
        self._queue.append(item)

    def due(self) -> list[Item]:
        """What may go out now."""
        now = self._clock.monotonic()
        items, self._queue = self._queue, []
        for topic, (message, source) in list(self._pending.items()):
            at, said = self._said.get(topic, (-EVERY_S, None))
            if said is not None and _same(said, message):
                del self._pending[topic]
            elif now - at >= EVERY_S:
                del self._pending[topic]
                self._said[topic] = (now, message)
                items.append(Item(topic, "data", encode(message), source))
        return items

    def forget(self, topic: Topic) -> None:
        """Nobody listens any more."""
        self._pending.pop(topic, None)
        self._said.pop(topic, None)
        self._closed.pop(topic, None)


def _same(one: Struct, other: Struct) -> bool:
    """Whether nothing but the time differs."""
    timestamp = getattr(other, "timestamp", None)
    return timestamp is not None and replace(one, timestamp=timestamp) == other
