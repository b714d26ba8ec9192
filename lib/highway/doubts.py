"""Doubts about what is asked: after some names that a source does not know, its list comes first.

A caller who makes up symbols would else spend a source's quota on answers of "no such symbol", and
leave nobody to fall back on for those who ask for real ones.
"""

from collections import deque

from lib.clock import Clock

ENOUGH = 5
WINDOW_S = 60.0


class Doubts:
    """Counts, by source, how often it lately did not know what it was asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def note(self, source: str) -> None:
        """The source did not know what it was asked for."""
        self._times.setdefault(source, deque(maxlen=ENOUGH)).append(self._clock.monotonic())

    def about(self, source: str) -> bool:
        """Whether it did not know five things within the last minute."""
        times = self._times.get(source)
        if times is None or len(times) < ENOUGH:
            return False
        return self._clock.monotonic() - times[0] < WINDOW_S
