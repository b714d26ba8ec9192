"""The values at hand in this process: a bounded map of live objects, no decoding, no waiting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from msgspec.structs import replace

from lib.clock import Clock
from lib.feeds import Feed
from lib.highway.drawers import Drawers
from lib.queries import Everything, Query
from lib.sourced import Sourced

Answers = Sequence[Sourced[Any]]

MOST_ENTRIES = 4096
MOST_ROWS = 250_000  # about 60 MB, should all of them be candles
CLOCK_SKEW_S = 2.0  # a value from further in the future means that the clock jumped


class Shelf:
    """Values by question; by source, whole boards (every row it has) and rows streamed since.

    Attributes:
        sift: leaves out of what several sources say what cannot be believed.
    """

    def __init__(
        self, clock: Clock, most_entries: int = MOST_ENTRIES, most_rows: int = MOST_ROWS
    ) -> None:
        self.sift: Callable[[Feed[Any, Any], Query, Answers], Answers] = _all
        self._clock = clock
        self._ahead_s = -inf  # wall time over monotonic time: it falls when the clock is set back
        self._most_entries = most_entries
        self._values = Drawers(most_entries, most_rows)
        self._boards: dict[tuple[str, str], Sourced[Any]] = {}
        self._streamed: dict[tuple[str, str], dict[str, Sourced[Any]]] = {}

    def age_s(self, value: Sourced[Any]) -> float:
        """Seconds since it was fetched; endless for a value from the future."""
        age_s = (self._clock.now_ms() - value.fetched_ms) / 1000
        return age_s if age_s > -CLOCK_SKEW_S else inf

    def near(self, feed: Feed[Any, Any], query: Query, fresh_s: float) -> Sourced[Any] | None:
        """What the foremost source with a fresh answer said, else the youngest answer."""
        known = self.sift(feed, query, self.answers(feed, query))
        return min(known, key=lambda one: self._rank(feed, one, fresh_s), default=None)

    def answers(self, feed: Feed[Any, Any], query: Query) -> list[Sourced[Any]]:
        """Everything at hand that answers the question; a source may be there more than once."""
        self._heed_clock()
        return [one for one in self._answers(feed, query) if self.age_s(one) < inf]

    def said(self, feed: Feed[Any, Any], source: str, query: Query) -> Sourced[Any] | None:
        """The youngest that one source has said to the question."""
        own = (one for one in self.answers(feed, query) if one.source == source)
        return min(own, key=self.age_s, default=None)

    def put(self, feed: Feed[Any, Any], query: Query, value: Sourced[Any]) -> None:
        """Keep the answer to one question."""
        self._values.put(feed.name, query.key, value)

    def offer(
        self, feed: Feed[Any, Any], query: Query, value: Sourced[Any], fresh_s: float
    ) -> None:
        """Keep an answer unless a better one is at hand: who comes late shall not win late."""
        near = self.near(feed, query, fresh_s)
        if near is None or self._rank(feed, value, fresh_s) < self._rank(feed, near, fresh_s):
            self.put(feed, query, value)

    def board(self, feed: str, source: str) -> Sourced[Any] | None:
        """Every row that `source` last gave for `feed`."""
        self._heed_clock()
        return self._boards.get((feed, source))

    def put_board(self, feed: str, source: str, board: Sourced[Any]) -> None:
        """Keep every row of one source, and of those streamed only what is younger."""
        self._boards[feed, source] = board
        streamed = self._streamed.pop((feed, source), {})
        younger = {k: row for k, row in streamed.items() if row.fetched_ms > board.fetched_ms}
        if younger:
            self._streamed[feed, source] = younger

    def put_rows(self, feed: str, source: str, rows: Mapping[str, Sourced[Any]]) -> None:
        """Keep rows that one source streams. Each has its own age: what is not streamed must
        not look young because something else is. Other processes may bring what is younger here,
        or from the future, where clocks differ."""
        self._heed_clock()
        streamed = self._streamed.setdefault((feed, source), {})
        for key, row in rows.items():
            kept = streamed.get(key)
            if self.age_s(row) < inf and not (kept and kept.fetched_ms > row.fetched_ms):
                streamed.pop(key, None)
                streamed[key] = row
        while len(streamed) > self._most_entries:
            del streamed[next(iter(streamed))]

    def credit(self, feed: str, found: Sourced[Any]) -> None:
        """Tell the board that a row comes from who failed before it, for its other rows.

        That a source lacks one row says nothing about the others.
        """
        board = self._boards.get((feed, found.source))
        if board and board.fetched_ms == found.fetched_ms:
            tried = tuple(attempt for attempt in found.tried if attempt.outcome != "unsupported")
            self._boards[feed, found.source] = replace(board, tried=tried)

    def clear(self, prefix: str = "") -> int:
        """Forget what begins with `prefix`, such as `v1:tickers:`; the count of what went.

        A board goes even if only one of its rows is meant.
        """
        went = self._values.clear(prefix)
        for kept in (self._boards, self._streamed):
            for at in list(kept):
                start = f"v1:{at[0]}:"
                if start.startswith(prefix) or prefix.startswith(start):
                    del kept[at]
                    went += 1
        return went

    def __len__(self) -> int:
        return len(self._values) + len(self._boards) + sum(map(len, self._streamed.values()))

    def _heed_clock(self) -> None:
        """Forget all if the clock was set back: how old things are can no longer be told, and
        what now lies in the future would look young once the clock gets there again."""
        ahead_s = self._clock.now_ms() / 1000 - self._clock.monotonic()
        if ahead_s < self._ahead_s - CLOCK_SKEW_S:
            self.clear()
            self._ahead_s = ahead_s
        self._ahead_s = max(self._ahead_s, ahead_s)

    def _answers(self, feed: Feed[Any, Any], query: Query) -> Iterator[Sourced[Any]]:
        own = self._values.get(feed.name, query.key)
        if own:
            yield own
        for source in feed.sources:
            board = self._boards.get((feed.name, source))
            if isinstance(query, Everything):
                if board:
                    yield board
                continue
            streamed = self._streamed.get((feed.name, source), {})
            rows = board.value if board else {}
            key = next((key for key in query.keys if key in streamed or key in rows), None)
            if key in streamed:
                yield streamed[key]
            if board and key in rows:
                yield replace(board, value=rows[key])

    def _rank(
        self, feed: Feed[Any, Any], value: Sourced[Any], fresh_s: float
    ) -> tuple[bool, int, float]:
        age_s = self.age_s(value)
        if age_s >= fresh_s or value.source not in feed.sources:
            return True, 0, age_s
        return False, feed.sources.index(value.source), age_s


def row_of(board: Mapping[str, Any], query: Query) -> Any:
    """The row of a board that answers the query; the whole board for `Everything`."""
    if isinstance(query, Everything):
        return board
    return next((board[key] for key in query.keys if key in board), None)


def _all(_feed: Feed[Any, Any], _query: Query, answers: Answers) -> Answers:
    return answers
