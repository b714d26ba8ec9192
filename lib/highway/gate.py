"""The gate before a source: key, pause, quota and circuit, and what is known of its health."""

import asyncio
import logging
from collections.abc import Callable
from math import inf
from typing import Any

from lib.clock import Clock
from lib.errors import (
    CircuitOpen,
    NoKey,
    QuotaSpent,
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnsupported,
    shown,
)
from lib.highway.breaker import Breaker
from lib.highway.quota import Quota
from lib.observe import Observer, Unobserved
from lib.providers.base import Provider, Served
from lib.queries import Query
from lib.sourced import Attempt, Sourced, arrived

GEO_BLOCK_S = 3600.0
LEAST_PAUSE_S = 1.0  # some refuse with "Retry-After: 0", and do not mean the next millisecond

Vet = Callable[[Served, Query | None, Sourced[Any]], None]
"""Raises a `SourceError` for an answer that cannot be believed."""

_log = logging.getLogger("dreammaker.sources")
_LEVELS = {SourceMalformed: logging.ERROR, SourceThrottled: logging.INFO}


class Gate:
    """Lets calls to one provider through, or says why not, and learns from how they end."""

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        observer: Observer | None = None,
        vet: Vet = lambda _served, _query, _answer: None,
    ) -> None:
        self.provider = provider
        self.last_error: str | None = None
        self.last_error_ms: int | None = None
        self.last_ok_ms: int | None = None
        self.last_ok_s = -inf  # by the monotonic clock
        self.switched_off = False
        self.quota = Quota(provider.limits, clock, keyed=provider.has_key)
        provider.on_quota = self.quota.observe
        self._failed_last = False
        self._clock = clock
        self._observer = observer or Unobserved()
        self._vet = vet
        self.reset()

    def reset(self) -> None:
        """Forget pauses, failures and what was spent: the source may be asked at once."""
        self.breaker = Breaker(self._clock)
        self.quota.forget()
        self._blocked_until = 0.0

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
        limping = self._failed_last or self.breaker.state == "half_open" or self.quota.closed_s
        return "degraded" if limping else "online"

    async def call(self, served: Served, query: Query | None) -> Sourced[Any]:
        """Ask the provider one question, or for everything if `query` is `None`.

        Raises:
            SourceError: why it was not asked, or did not answer.
        """
        self._check(served.weight)
        began = self._clock.monotonic()
        try:
            answer = await self._answer(served, query)
            self._vet(served, query, answer)
        except SourceError as error:
            self._failed(error, served, began)
            raise
        except Exception as bug:  # ours, not the source's; the next source answers all the same
            broken = SourceMalformed(f"{self.provider.name}: {type(bug).__name__} in our client")
            self._failed(broken, served, began, bug)
            raise broken from bug
        self._well()
        self._observe(served, "ok", began)
        return answer

    def _check(self, weight: int) -> None:
        """Pass, having spent `weight`, or raise the `SourceError` that says why not."""
        if self.switched_off:
            raise CircuitOpen("switched off by an operator")
        if self.provider.needs_key and not self.provider.has_key:
            raise NoKey(f"set {self.provider.key_variable}")
        if self.geo_blocked:
            raise SourceGeoBlocked("refused this location within the hour")
        if self.quota.closed_s:
            raise SourceThrottled("asked to be left alone", self.quota.closed_s)
        if not self.quota.affords(weight):
            raise QuotaSpent("its free quota is used up for now")
        if not self.breaker.allow():  # last: in half open it makes this call the only probe
            raise CircuitOpen("failed too often just now")
        self.quota.spend(weight)

    async def _answer(self, served: Served, query: Query | None) -> Sourced[Any]:
        name = self.provider.name
        method = getattr(self.provider, served.method)
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(served.feed.budget_s):
                value = await (method() if query is None else method(query))
        except TimeoutError as error:
            raise SourceTimeout(f"{name}: no answer in time") from error
        if served.bulk and not value:
            raise SourceMalformed(f"{name}: not one usable row")
        attempt = Attempt(name, "ok", round((self._clock.monotonic() - began) * 1000))
        return arrived(value, name, self._clock.now_ms(), (attempt,))

    def _well(self) -> None:
        self.breaker.success()
        self._failed_last = False
        self.last_ok_ms, self.last_ok_s = self._clock.now_ms(), self._clock.monotonic()

    def _failed(
        self, error: SourceError, served: Served, began: float, bug: Exception | None = None
    ) -> None:
        self._observe(served, error.outcome, began)
        if isinstance(error, SourceUnsupported):
            self._well()
            return
        if isinstance(error, SourceThrottled):
            self.quota.close(max(error.retry_after_s, LEAST_PAUSE_S))
        elif isinstance(error, SourceGeoBlocked):
            self._blocked_until = self._clock.monotonic() + GEO_BLOCK_S
        elif error.counts:
            self.breaker.failure()
        self._failed_last = True
        self.last_error, self.last_error_ms = shown(error, 200), self._clock.now_ms()
        facts = {"source": self.provider.name, "feed": served.feed.name, "outcome": error.outcome}
        level = _LEVELS.get(type(error), logging.WARNING)
        _log.log(level, "source.failed", extra=facts | {"reason": self.last_error}, exc_info=bug)

    def _observe(self, served: Served, outcome: str, began: float) -> None:
        seconds = self._clock.monotonic() - began
        if _log.isEnabledFor(logging.DEBUG):
            facts = {"source": self.provider.name, "feed": served.feed.name, "outcome": outcome}
            _log.debug("source.called", extra=facts | {"ms": round(seconds * 1000)})
        self._observer.called(self.provider.name, served.feed.name, outcome, seconds)
