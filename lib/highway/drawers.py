"""Answers by question, bounded: who asks one feed in endless variety empties no other's drawer."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from lib.sourced import Sourced


class Drawers:
    """One drawer a feed. When they are full, the fullest loses what was put there longest ago:
    the one list of all coins, good for a week, outlives any number of charts.

    Args:
        most_entries: of all drawers together.
        most_rows: likewise; a value has as many as it lists, and one.
    """

    def __init__(self, most_entries: int, most_rows: int) -> None:
        self._most_entries = most_entries
        self._most_rows = most_rows
        self._drawers: dict[str, dict[str, Sourced[Any]]] = {}
        self._rows: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._drawers.values()))

    def get(self, feed: str, key: str) -> Sourced[Any] | None:
        """The answer that was put last."""
        return self._drawers.get(feed, {}).get(key)

    def put(self, feed: str, key: str, value: Sourced[Any]) -> None:
        """Keep an answer instead of the one before."""
        self._drop(feed, key)
        self._drawers.setdefault(feed, {})[key] = value
        self._rows[feed] += _rows_in(value.value)
        while len(self) > self._most_entries:
            self._drop_eldest(max(self._drawers, key=lambda name: len(self._drawers[name])))
        while self._rows.total() > self._most_rows:
            self._drop_eldest(max(self._rows, key=lambda name: self._rows[name]))

    def clear(self, prefix: str) -> int:
        """Forget what is kept under `v1:FEED:KEY` that begins so; the count of what went."""
        went = [
            (feed, key)
            for feed, drawer in self._drawers.items()
            for key in drawer
            if f"v1:{feed}:{key}".startswith(prefix)
        ]
        for feed, key in went:
            self._drop(feed, key)
        return len(went)

    def _drop_eldest(self, feed: str) -> None:
        self._drop(feed, next(iter(self._drawers[feed])))

    def _drop(self, feed: str, key: str) -> None:
        value = self._drawers.get(feed, {}).pop(key, None)
        if value:
            self._rows[feed] -= _rows_in(value.value)


def _rows_in(value: Any) -> int:
    parts = astuple(value) if isinstance(value, Struct) else (value,)
    return 1 + sum(len(part) for part in parts if isinstance(part, tuple | Mapping))
