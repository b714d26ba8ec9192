"""Values that processes share through a store, and who of them fetches."""

import asyncio
import logging
from typing import Any

import msgspec

from lib.clock import Clock
from lib.feeds import Feed
from lib.queries import Everything, Query
from lib.sourced import Sourced
from lib.store import Store

POLL_S = 0.02  # after which one process first looks whether another has fetched for it

_log = logging.getLogger("dreammaker.store")


def key_of(feed: Feed[Any, Any], query: Query) -> str:
    """Where a value is kept: `v1:tickers:BTC/USDT`."""
    return f"v1:{feed.name}:{query.key}"


class SharedValues:
    """Sourced values in a store, as JSON. Without a store nothing is shared and all claims win."""

    def __init__(self, store: Store | None, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __bool__(self) -> bool:
        return self._store is not None

    async def get(self, feed: Feed[Any, Any], query: Query) -> Sourced[Any] | None:
        """What the store has; rubbish counts as nothing."""
        raw = await self._store.get(key_of(feed, query)) if self._store else None
        return self._read(feed, query, raw)

    async def claim(self, feed: Feed[Any, Any], query: Query) -> tuple[bool, Sourced[Any] | None]:
        """Whether this process is the one to fetch, and what the store has a moment later: the
        one before may just have settled. A claim lapses soon after the budget."""
        if not self._store:
            return True, None
        claim = await self._store.claim(_claim(feed, query), feed.budget_s + 1, key_of(feed, query))
        return claim.mine, self._read(feed, query, claim.value)

    async def settle(self, feed: Feed[Any, Any], query: Query, found: Sourced[Any]) -> None:
        """Share what was fetched and end the claim, in one round trip."""
        if self._store:
            raw = msgspec.json.encode(found)
            await self._store.settle(key_of(feed, query), raw, feed.keep_s, _claim(feed, query))

    async def release(self, feed: Feed[Any, Any], query: Query) -> None:
        """End the claim: nothing was fetched."""
        if self._store:
            await self._store.release(_claim(feed, query))

    async def from_other(
        self, feed: Feed[Any, Any], query: Query, since_ms: int
    ) -> Sourced[Any] | None:
        """Another process fetches: wait for what it brings, for half of the budget."""
        until = self._clock.monotonic() + feed.budget_s / 2
        pause_s = POLL_S
        while self._clock.monotonic() < until:
            await asyncio.sleep(pause_s)
            pause_s *= 1.5  # a hosted store counts every look
            found = await self.get(feed, query)
            if found and found.fetched_ms >= since_ms:
                return found
        return None

    async def aclose(self) -> None:
        """Close the store."""
        if self._store:
            await self._store.aclose()

    def _read(self, feed: Feed[Any, Any], query: Query, raw: bytes | None) -> Sourced[Any] | None:
        if raw is None:
            return None
        kind: Any = feed.result
        if isinstance(query, Everything) and feed.query is not Everything:
            kind = dict[str, kind]  # a board
        try:
            found: Sourced[Any] = msgspec.json.decode(raw, type=Sourced[kind])
        except msgspec.MsgspecError:
            _log.warning("store.undecodable", extra={"feed": feed.name})
            return None
        return found


def _claim(feed: Feed[Any, Any], query: Query) -> str:
    return f"{key_of(feed, query)}:claim"
