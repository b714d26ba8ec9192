"""The gate before a source: key, pause, quota and circuit, and what is known of its health."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from lib.breaker import Breaker
from lib.clock import Clock
from lib.errors import (
    CircuitOpen,
    NoKey,
    QuotaSpent,
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnsupported,
)
from lib.providers.base import Provider
from lib.quota import Quota

GEO_BLOCK_S = 3600.0

_log = logging.getLogger("dreammaker.sources")
_LEVELS = {SourceMalformed: logging.ERROR, SourceThrottled: logging.INFO}


class Gate:
    """Lets calls to one provider through, or says why not, and learns from how they end."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider = provider
        self.breaker = Breaker(clock)
        self.quota = Quota(provider.limits, clock, keyed=provider.has_key)
        self.last_error: str | None = None
        self.last_error_ms: int | None = None
        self.last_ok_ms: int | None = None
        self.switched_off = False
        self._clock = clock
        self._blocked_until = 0.0
        provider.on_quota = self.quota.observe

    @property
    def geo_blocked(self) -> bool:
        """Whether the source refused this country or cloud within the hour."""
        return self._clock.monotonic() < self._blocked_until

    @property
    def status(self) -> str:
        """online, degraded or offline, by what is known; nothing is asked for it."""
        if self.switched_off or self.geo_blocked or self.breaker.state == "open":
            return "offline"
        if self.provider.needs_key and not self.provider.has_key:
            return "offline"
        if self.breaker.state == "half_open" or self.quota.closed_s:
            return "degraded"
        return "online" if self.last_ok_ms is not None or self.last_error is None else "degraded"

    def reset(self) -> None:
        """Forget pauses and failures: the source may be asked at once."""
        self.breaker = Breaker(self._clock)
        self.quota = Quota(self.provider.limits, self._clock, keyed=self.provider.has_key)
        self.provider.on_quota = self.quota.observe
        self._blocked_until = 0.0

    def check(self, weight: int) -> None:
        """Pass, having spent `weight`, or raise the `SourceError` that says why not."""
        if self.switched_off:
            raise CircuitOpen("switched off by an operator")
        if self.provider.needs_key and not self.provider.has_key:
            raise NoKey(f"set {self.provider.key_variable}")
        if self.geo_blocked:
            raise SourceGeoBlocked("refused this location within the hour")
        if self.quota.closed_s:
            raise SourceThrottled("asked to be left alone", self.quota.closed_s)
        if not self.breaker.allow():
            raise CircuitOpen("failed too often just now")
        if not self.quota.spend(weight):
            raise QuotaSpent("its free quota is used up for now")

    @contextmanager
    def watch(self, feed: str) -> Iterator[None]:
        """Learn from one call: its `SourceError`, or its success."""
        try:
            yield
        except SourceError as error:
            self._failed(error, feed)
            raise
        self.breaker.success()
        self.last_ok_ms = self._clock.now_ms()

    def _failed(self, error: SourceError, feed: str) -> None:
        if isinstance(error, SourceUnsupported):
            self.breaker.success()
            return
        if isinstance(error, SourceThrottled):
            self.quota.close(error.retry_after_s)
        elif isinstance(error, SourceGeoBlocked):
            self._blocked_until = self._clock.monotonic() + GEO_BLOCK_S
        elif error.counts:
            self.breaker.failure()
        self.last_error, self.last_error_ms = str(error)[:200], self._clock.now_ms()
        level = _LEVELS.get(type(error), logging.WARNING)
        _log.log(
            level,
            "source.failed",
            extra={"source": self.provider.name, "feed": feed, "outcome": error.outcome}
            | {"reason": self.last_error},
        )
