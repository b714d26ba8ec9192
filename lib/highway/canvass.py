"""One question to every source of a feed at once: who says what, and who says nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from lib.errors import SourceError
from lib.feeds import Feed
from lib.highway.shelf import Shelf
from lib.queries import Query
from lib.sourced import Attempt, NoSource, Sourced

T = TypeVar("T")
Ask = Callable[[str], Coroutine[Any, Any, Sourced[T]]]

ENOUGH: Final = 2
"""So many answers are worth going on without those who dawdle."""


class Canvass(Struct, Generic[T], frozen=True):
    """Answers by source, in the feed's order; what came of asking each; who stands still; and what
    an aggregator says, if that is at hand."""

    found: dict[str, Sourced[T]]
    tried: tuple[Attempt, ...]
    stuck: frozenset[str] = frozenset()
    known: float | None = None


async def canvass(
    feed: Feed[Any, T],
    query: Query,
    sources: Sequence[str],
    ask: Ask[T],
    shelf: Shelf,
    patience_s: float,
) -> Canvass[T]:
    """Ask those sources that have not answered freshly; a kept answer stands in for a failure.

    Who takes longer than `patience_s` is not waited for once two have answered.

    Args:
        ask: asks one source, and puts what it says on the shelf even if nobody waits any more.

    Raises:
        NoSource: not one has it, nor is anything kept.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()

    def failed(source: str, outcome: str) -> Attempt:
        return Attempt(source, outcome, round((loop.time() - began) * 1000))

    async def say(source: str) -> Sourced[T] | Attempt:
        said = shelf.said(feed, source, query)
        if said and shelf.age_s(said) < feed.fresh_s:
            return said
        try:
            return await ask(source)
        except SourceError as error:
            return failed(source, error.outcome)

    tasks = {source: asyncio.create_task(say(source)) for source in sources}
    try:
        await _wait_for_most(list(tasks.values()), patience_s, feed.budget_s)
    finally:
        for task in tasks.values():
            task.cancel()
        outcomes = await asyncio.gather(*tasks.values(), return_exceptions=True)
    found: dict[str, Sourced[T]] = {}
    tried: list[Attempt] = []
    for source, outcome in zip(tasks, outcomes, strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            outcome = failed(source, "timeout")
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Sourced):
            own = tuple(attempt for attempt in outcome.tried if attempt.source == source)
            found[source] = replace(outcome, tried=own)
            tried += own
            continue
        tried.append(outcome)
        kept = shelf.said(feed, source, query)
        if kept and shelf.age_s(kept) < feed.keep_s and outcome.outcome != "unsupported":
            found[source] = replace(kept, refused=(outcome,))
    if not found:
        raise NoSource(feed.name, query.key, tuple(tried))
    return Canvass(found, tuple(tried))


async def _wait_for_most(
    tasks: Sequence["asyncio.Task[Any]"], patience_s: float, budget_s: float
) -> None:
    """Until all are done; from `patience_s` on until two have answered; never over budget."""
    done, late = await asyncio.wait(tasks, timeout=min(patience_s, budget_s))
    until = asyncio.get_running_loop().time() + budget_s - patience_s
    while late and sum(isinstance(task.result(), Sourced) for task in done) < ENOUGH:
        left_s = until - asyncio.get_running_loop().time()
        if left_s <= 0:
            return
        more, late = await asyncio.wait(late, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        done |= more
