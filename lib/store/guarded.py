"""A store that never fails: whatever goes wrong behind it is a miss."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, ParamSpec, TypeVar

from lib.clock import Clock
from lib.errors import shown
from lib.store import BadEntry, Claim, Store

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger("dreammaker.store")


class GuardedStore:
    """A `Store` that answers as an empty one while the inner store is down or slow.

    After a failure the store is left alone for `rest_s`, then one call tries it while all others
    still miss: a dead store costs one timeout per rest, not one per request. A single bad entry
    is a miss too, but leaves the store in use; the next `put` overwrites it.
    """

    def __init__(self, inner: Store, clock: Clock, rest_s: float = 5.0) -> None:
        self._inner = inner
        self._clock = clock
        self._rest_s = rest_s
        self._down_since_s: float | None = None
        self._rests_until_s = 0.0
        self._trying = False
        self._last_error: str | None = None

    @property
    def state(self) -> Literal["up", "down"]:
        """What the last calls met."""
        return "up" if self._down_since_s is None else "down"

    @property
    def last_error(self) -> str | None:
        """The class of the last failure, kept after it has passed."""
        return self._last_error

    async def get(self, key: str) -> bytes | None:
        return await self._ask(None, self._inner.get, key)

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._ask(None, self._inner.put, key, value, ttl_s)

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        """As the inner store says; without it everyone goes on alone."""
        return await self._ask(Claim(True, None), self._inner.claim, key, ttl_s, value_key)

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        await self._ask(None, self._inner.settle, key, value, ttl_s, claim_key)

    async def release(self, key: str) -> None:
        await self._ask(None, self._inner.release, key)

    async def add(self, key: str, amount: int, ttl_s: float) -> int | None:
        return await self._ask(None, self._inner.add, key, amount, ttl_s)

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        return await self._ask(None, self._inner.add_all, amounts, ttl_s)

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        except Exception as error:  # as in _ask
            log.info("store.close_failed", extra={"error": type(error).__name__})

    async def _ask(
        self, miss: T, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        trial = self._down_since_s is not None
        if trial:
            if self._trying or self._clock.monotonic() < self._rests_until_s:
                return miss
            self._trying = True
        try:
            answer = await call(*args, **kwargs)
        except BadEntry as error:
            log.warning("store.bad_entry", extra={"key": shown(args[0]), "error": str(error)})
            answer = miss
        except Exception as error:  # client libraries raise anything, and no failure is fatal here
            self._failed(error, trial)
            return miss
        finally:
            if trial:
                self._trying = False
        self._answered(trial)
        return answer

    def _failed(self, error: Exception, trial: bool) -> None:
        now_s = self._clock.monotonic()
        self._last_error = type(error).__name__
        if trial or self._down_since_s is None:
            self._rests_until_s = now_s + self._rest_s
        if self._down_since_s is None:
            self._down_since_s = now_s
            log.warning("store.down", extra={"error": self._last_error})

    def _answered(self, trial: bool) -> None:
        # A call that left before the failure and comes back after it proves nothing.
        if trial and self._down_since_s is not None:
            down_s = round(self._clock.monotonic() - self._down_since_s, 1)
            self._down_since_s = None
            log.info("store.up", extra={"down_s": down_s})
