"""Time, passed in: wall time for what is shown, monotonic time for what is measured."""

import time
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """The two clocks that the service reads."""

    def now_ms(self) -> int:
        """Wall time, Unix milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never jump, from an arbitrary start."""


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


def iso_utc(time_ms: int) -> str:
    """Write Unix milliseconds as ISO-8601 UTC with whole seconds and a `Z`."""
    return _iso_of(time_ms // 1000)


@lru_cache(maxsize=256)  # the rows of one answer share their time
def _iso_of(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
