"""What was published a short while ago, for listeners who come back."""

from collections import deque
from collections.abc import Collection
from typing import Final

from lib.live.topics import Topic
from lib.live.updates import Update

KEPT_MS: Final = 90_000
MOST_BYTES: Final = 32 * 1024 * 1024


class Replay:
    """One channel's latest messages, at least those of the last minute unless that is too much.

    Args:
        seq: the number before the first message that will be kept.
    """

    def __init__(self, seq: int, kept_ms: int = KEPT_MS, most_bytes: int = MOST_BYTES) -> None:
        self._updates: deque[Update] = deque()
        self._floor = seq
        self._last = seq
        self._kept_ms = kept_ms
        self._most = most_bytes
        self._bytes = 0

    @property
    def last(self) -> int:
        """The newest number."""
        return self._last

    def add(self, update: Update) -> None:
        """Keep a message; numbers ascend."""
        self._updates.append(update)
        self._last = update.seq
        self._bytes += len(update.text)
        while self._updates and (
            self._updates[0].at_ms < update.at_ms - self._kept_ms or self._bytes > self._most
        ):
            old = self._updates.popleft()
            self._floor = old.seq
            self._bytes -= len(old.text)

    def since(self, seq: int, topics: Collection[Topic]) -> list[Update] | None:
        """All that came after `seq` on these topics; `None` if some of it is lost."""
        if not self._floor <= seq <= self._last:
            return None
        return [one for one in self._updates if one.seq > seq and one.topic in topics]

    def restart(self, seq: int) -> None:
        """Forget all: what follows begins after `seq`."""
        self._updates.clear()
        self._bytes = 0
        self._floor = self._last = seq
