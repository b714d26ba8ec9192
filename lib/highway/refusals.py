"""What came of asking everyone in vain: what nobody has, and which feeds nobody answers."""

from collections import Counter
from math import inf
from typing import Any, Final

from lib.clock import Clock
from lib.feeds import Feed
from lib.highway.shared import key_of
from lib.queries import Query
from lib.sourced import FAILURES, Attempt, NoSource

UNKNOWN_S: Final = 60.0
"""How long "nobody has it" is believed."""

MOST_UNKNOWN: Final = 1000

DOWN_S: Final = 60.0
"""How long a feed counts as down when nobody asks it again."""


class Refusals:
    """Remembers refusals for a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._unknown: dict[str, tuple[float, tuple[Attempt, ...]]] = {}
        self._down: dict[str, float] = {}

    def check(self, feed: Feed[Any, Any], query: Query) -> None:
        """Pass, or refuse at once what nobody had within the minute.

        Raises:
            NoSource: with the attempts that were in vain then.
        """
        at, tried = self._unknown.get(key_of(feed, query), (-inf, ()))
        if self._clock.monotonic() - at < UNKNOWN_S:
            raise NoSource(feed.name, query.key, tried)

    def note(self, feed: Feed[Any, Any], query: Query, refusal: NoSource) -> None:
        """Nobody answered this question."""
        now = self._clock.monotonic()
        if refusal.unknown:
            key = key_of(feed, query)
            self._unknown.pop(key, None)
            self._unknown[key] = (now, refusal.tried)
            if len(self._unknown) > MOST_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
        elif _failed(refusal):
            self._down[feed.name] = now

    def answered(self, feed: Feed[Any, Any], age_s: float) -> None:
        """Somebody answered a question to this feed so long ago, here or in another process."""
        if age_s <= self._since_down_s(feed):
            self._down.pop(feed.name, None)

    def down_at(self, feed: Feed[Any, Any]) -> float | None:
        """When, by the monotonic clock, the last question to this feed found nobody who answered,
        and more sources that fail than such as lack it; `None` if that is over, or a minute ago."""
        return self._down[feed.name] if self._since_down_s(feed) < DOWN_S else None

    def _since_down_s(self, feed: Feed[Any, Any]) -> float:
        return self._clock.monotonic() - self._down.get(feed.name, -inf)


def _failed(refusal: NoSource) -> bool:
    """Whether it speaks of the sources rather than of an odd question."""
    outcomes = Counter(attempt.outcome for attempt in refusal.tried)
    return sum(outcomes[failure] for failure in FAILURES) > outcomes["unsupported"]
