"""How messages get from who makes them to who hears them, in one process."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from lib.live.hub import Hub
from lib.live.topics import Topic
from lib.live.updates import Item


class Publisher(Protocol):
    """Takes messages to listeners, of this process and perhaps of others."""

    def publish(self, items: Sequence[Item]) -> None:
        """Number them and hand them out."""

    def leads(self, topic: Topic) -> bool:
        """Whether this process is the one that reads upstreams for a topic."""

    def follow(self, topics: Iterable[Topic]) -> None:
        """What this process has listeners for."""

    async def ready(self) -> None:
        """Take over what others have published lately."""

    async def run(self) -> None:
        """Keep in touch with others until cancelled."""


class LocalPublisher:
    """Nobody else: this process leads everything."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def publish(self, items: Sequence[Item]) -> None:
        self._hub.number(items)

    def leads(self, topic: Topic) -> bool:  # noqa: ARG002 - all of them
        return True

    def follow(self, topics: Iterable[Topic]) -> None: ...

    async def ready(self) -> None: ...

    async def run(self) -> None: ...
