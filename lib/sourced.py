"""A value with its provenance: who answered, when, and who was asked before."""

from collections import Counter
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")

FAILURES = frozenset(
    {"timeout", "unavailable", "throttled", "geo_blocked", "malformed", "circuit_open"}
    | {"quota_spent", "endpoint_cold"}
)
"""Outcomes that mean "could have answered, but did not"; the others are no fault."""


class Attempt(Struct, frozen=True):
    """One source asked, or passed over, for one value."""

    source: str
    outcome: str
    ms: int


class Sourced(Struct, Generic[T], frozen=True):
    """A value and where it comes from; times in Unix milliseconds.

    `refused` is filled when a newer value was sought since and every source failed.
    """

    value: T
    source: str
    tried: tuple[Attempt, ...]
    as_of_ms: int
    fetched_ms: int
    refused: tuple[Attempt, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether a source ahead of the answering one failed, or all did since."""
        ahead = takewhile(lambda attempt: attempt.outcome != "ok", self.tried)
        return bool(self.refused) or any(attempt.outcome in FAILURES for attempt in ahead)


def arrived(value: Any, source: str, now_ms: int, tried: tuple[Attempt, ...] = ()) -> Sourced[Any]:
    """What a source gives just now; a board is as old as its youngest row."""
    rows = value.values() if isinstance(value, Mapping) else (value,)
    as_of_ms = max((row.time_ms for row in rows), default=0)
    return Sourced(value, source, tried, as_of_ms or now_ms, now_ms)


class NoSource(Exception):
    """Every source of a feed failed or does not have it."""

    def __init__(self, feed: str, key: str, tried: tuple[Attempt, ...]) -> None:
        super().__init__(f"{feed} {key}: " + ", ".join(f"{a.source} {a.outcome}" for a in tried))
        self.feed = feed
        self.key = key
        self.tried = tried

    @property
    def unknown(self) -> bool:
        """Whether every source that can be asked from here is well and does not have it. That one
        lacks it says little where more are barred: it may lack the timeframe alone."""
        outcomes = Counter(attempt.outcome for attempt in self.tried)
        known = outcomes.keys() <= {"unsupported", "no_key", "geo_blocked"}
        return known and outcomes["unsupported"] >= max(1, outcomes["geo_blocked"])
