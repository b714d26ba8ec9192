"""Stretches of bars: which opens a candle query asks for, cut into calls of a venue's size."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from lib.errors import SourceUnsupported
from lib.queries import CandleQuery
from lib.timeframes import TIMEFRAME_MS, open_of

T = TypeVar("T")

MOST_CALLS: Final = 4
"""Calls that one query may cost: beyond it another source, or nobody, should answer."""


class Span(NamedTuple):
    """The opens of a first and a last bar, both included."""

    first_ms: int
    last_ms: int


def whole_span(query: CandleQuery, now_ms: int) -> Span:
    """All bars of a query: the first `limit` from its start, else the newest up to its end.

    Raises:
        SourceUnsupported: no bar can open in its range yet.
    """
    step = TIMEFRAME_MS[query.timeframe]
    newest = now_ms if query.until_ms is None else min(query.until_ms, now_ms)
    last = open_of(newest, query.timeframe)
    if query.since_ms is None:
        first = max(last - (query.limit - 1) * step, open_of(step, query.timeframe))
    else:
        first = open_of(query.since_ms + step - 1, query.timeframe)
    if first > last:
        raise SourceUnsupported("no bar opens in this range")
    return Span(first, min(first + (query.limit - 1) * step, last))


def cut_span(span: Span, timeframe: str, most: int) -> list[Span]:
    """Cut a span into calls of at most `most` bars, oldest first.

    Raises:
        SourceUnsupported: it would take too many calls.
    """
    stride = most * TIMEFRAME_MS[timeframe]
    starts = range(span.first_ms, span.last_ms + 1, stride)
    if len(starts) > MOST_CALLS:
        raise SourceUnsupported(f"more bars than {MOST_CALLS} calls of {most} give")
    step = TIMEFRAME_MS[timeframe]
    return [Span(start, min(start + stride - step, span.last_ms)) for start in starts]


async def together(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await calls side by side, in order; the first failure ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]
