"""A source's free quota, as token buckets: spend before calling, never past what is granted."""

from collections.abc import Iterable
from dataclasses import dataclass

from lib.clock import Clock

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many units of weight in so many seconds; `keyed_units` holds when a key is set."""

    units: int
    per_s: float
    keyed_units: int | None = None


class _Bucket:
    """Refills evenly. A long period may burst by one day's share only, so that a month's calls
    last a month."""

    def __init__(self, units: float, per_s: float, now: float) -> None:
        self.units = units
        self.per_s = per_s
        self.rate = units / per_s
        self.room = min(units, max(1.0, units * DAY_S / per_s))
        self.tokens = self.room
        self.at = now

    def refill(self, now: float) -> float:
        self.tokens = min(self.room, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens


class Quota:
    """What may still be asked of one source, and until when it wants to be left alone."""

    def __init__(self, limits: Iterable[Limit], clock: Clock, *, keyed: bool = False) -> None:
        self._clock = clock
        now = clock.monotonic()
        self._buckets = [
            _Bucket((limit.keyed_units if keyed else None) or limit.units, limit.per_s, now)
            for limit in limits
        ]
        self._closed_until = 0.0
        self._untold = 0

    def affords(self, weight: int) -> bool:
        """Whether every limit has `weight` units left."""
        now = self._clock.monotonic()
        return all(bucket.refill(now) >= weight for bucket in self._buckets)

    def spend(self, weight: int) -> bool:
        """Take `weight` units from every limit, or none if one lacks them."""
        if not self.affords(weight):
            return False
        for bucket in self._buckets:
            bucket.tokens -= weight
        if self._buckets:
            self._untold += weight
        return True

    def untold(self) -> int:
        """Units spent since this was last asked; without a limit nobody needs to know."""
        untold, self._untold = self._untold, 0
        return untold

    def charge(self, units: int, *, at_least_s: float = 0) -> None:
        """Others spent of the same quota; only limits whose period is so long remember it."""
        now = self._clock.monotonic()
        for bucket in self._buckets:
            if bucket.per_s >= at_least_s:
                bucket.tokens = bucket.refill(now) - units

    def observe(self, used: int) -> None:
        """Trust the source's own count of the running period over ours, if it is higher."""
        if self._buckets:
            first = self._buckets[0]
            first.tokens = min(first.refill(self._clock.monotonic()), first.units - used)

    def forget(self) -> None:
        """Begin anew, with full buckets and no pause; what others were not told yet stays so."""
        now = self._clock.monotonic()
        for bucket in self._buckets:
            bucket.tokens, bucket.at = bucket.room, now
        self._closed_until = 0.0

    def close(self, seconds: float) -> None:
        """The source asked us to wait."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    @property
    def closed_s(self) -> float:
        """Seconds for which the source wants to be left alone."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    @property
    def left(self) -> int | None:
        """Whole units left under the tightest limit; `None` without a limit."""
        now = self._clock.monotonic()
        units = (max(0, int(bucket.refill(now))) for bucket in self._buckets)
        return min(units, default=None)
