"""What a slow reader shall have when it reads again: bounded, whatever it missed."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from lib.endpoint import Channel
from lib.live.topics import Topic
from lib.live.updates import Update, encode

MOST_QUEUED: Final = 256


class Mailbox:
    """Of a channel delivered as `latest` the newest message of each topic; of a `queue` the last
    few hundred, and how many were lost before them."""

    def __init__(
        self, channel_of: Callable[[str], Channel | None], most: int = MOST_QUEUED
    ) -> None:
        self._channel_of = channel_of
        self._latest: dict[tuple[Topic, str], Update] = {}
        self._queue: deque[Update] = deque()
        self._most = most
        self._lost: dict[str, list[int]] = {}  # channel -> count, first, last
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._latest or self._queue)

    def put(self, updates: Sequence[Update]) -> None:
        """Keep these, and lose what they replace."""
        for update in updates:
            if update.kind != "data" or not self._queues(update):
                key = (update.topic, update.kind)
                if self._latest.pop(key, None):
                    self.dropped += 1
                self._latest[key] = update
                continue
            self._queue.append(update)
            if len(self._queue) > self._most:
                self._lose(self._queue.popleft())

    def _queues(self, update: Update) -> bool:
        channel = self._channel_of(update.topic.channel)
        return channel is not None and channel.delivery == "queue"

    def _lose(self, update: Update) -> None:
        self.dropped += 1
        lost = self._lost.setdefault(update.topic.channel, [0, update.seq, update.seq])
        lost[0] += 1
        lost[2] = update.seq

    def empty(self) -> list[Update | bytes]:
        """All of it in order, a gap's text before what came after the gap."""
        gaps: list[Update | bytes] = [
            encode(
                {
                    "type": "gap",
                    "channel": channel,
                    "reason": "this connection reads too slowly",
                    "missed": missed,
                    "from_seq": first,
                    "to_seq": last,
                }
            )
            for channel, (missed, first, last) in self._lost.items()
        ]
        kept = sorted((*self._latest.values(), *self._queue), key=lambda update: update.seq)
        self._lost.clear()
        self._latest.clear()
        self._queue.clear()
        return [*gaps, *kept]
