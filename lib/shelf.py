"""The values at hand in this process: a bounded map of live objects, no decoding, no waiting."""

from typing import Any

from lib.sourced import Sourced

MOST_ENTRIES = 4096


class Shelf:
    """Values by key, and whole boards (every row of one source) by feed and source.

    When full, the values put longest ago go first.
    """

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._most = most
        self._values: dict[str, Sourced[Any]] = {}
        self._boards: dict[tuple[str, str], Sourced[Any]] = {}

    def get(self, key: str) -> Sourced[Any] | None:
        """The value kept under `key`, however old."""
        return self._values.get(key)

    def put(self, key: str, value: Sourced[Any]) -> None:
        """Keep a value."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]

    def board(self, feed: str, source: str) -> Sourced[Any] | None:
        """Every row that `source` last gave for `feed`."""
        return self._boards.get((feed, source))

    def put_board(self, feed: str, source: str, rows: Sourced[Any]) -> None:
        """Keep every row of one source."""
        self._boards[feed, source] = rows

    def clear(self, prefix: str = "") -> int:
        """Forget what begins with `prefix`; the count of what went."""
        keys = [key for key in self._values if key.startswith(prefix)]
        boards = [at for at in self._boards if at[0].startswith(prefix.split(":")[0])]
        for key in keys:
            del self._values[key]
        for at in boards:
            del self._boards[at]
        return len(keys) + len(boards)

    def __len__(self) -> int:
        return len(self._values) + len(self._boards)
