"""Behaviour of the race between sources."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from lib.clock import SystemClock
from lib.errors import SourceThrottled, SourceUnavailable, SourceUnsupported
from lib.highway.race import Race
from lib.sourced import Attempt
from tests.conftest import StillClock
from tests.lib.fakes import nothing_is_left_behind, others_run, until

pytestmark = pytest.mark.anyio

HEDGE_S = 0.01
LONG_S = 5.0  # never reached but by a failing test


@pytest.fixture(autouse=True, scope="module")
def _clean() -> Iterator[None]:
    with nothing_is_left_behind():
        yield


class Track:
    """What each source does: a value, an error to raise, or an event to wait for."""

    def __init__(self, **says: Any) -> None:
        self.says = says
        self.asked: list[str] = []
        self.cancelled: list[str] = []

    async def ask(self, source: str) -> str:
        self.asked.append(source)
        say = self.says[source]
        try:
            if isinstance(say, asyncio.Event):
                await say.wait()
                return source
        except asyncio.CancelledError:
            self.cancelled.append(source)
            raise
        if isinstance(say, BaseException):
            raise say
        return str(say)

    def run(
        self, race: Race[str], budget_s: float = LONG_S
    ) -> Coroutine[Any, Any, tuple[str, str] | None]:
        return race.run(self.says, self.ask, budget_s)


@pytest.fixture
def race(clock: StillClock) -> Race[str]:
    return Race(clock, HEDGE_S)


@pytest.fixture
def patient(clock: StillClock) -> Race[str]:
    """A race that hedges only after any test has ended."""
    return Race(clock, LONG_S)


async def test_the_first_source_answers_and_no_other_is_asked(patient: Race[str]) -> None:
    track = Track(a="from a", b="from b")

    assert (await track.run(patient), track.asked) == (("a", "from a"), ["a"])


async def test_the_next_source_answers_when_the_first_fails(patient: Race[str]) -> None:
    track = Track(a=SourceUnavailable("down"), b=SourceThrottled("slow down"), c="from c", d="d")

    won = await track.run(patient)

    assert won == ("c", "from c")
    assert patient.tried == (
        Attempt("a", "unavailable", 0),
        Attempt("b", "throttled", 0),
        Attempt("c", "ok", 0),
    )


async def test_when_everyone_fails_nobody_wins(patient: Race[str]) -> None:
    track = Track(a=SourceUnavailable("down"), b=SourceUnsupported("no"))

    assert await track.run(patient) is None
    assert patient.tried == (Attempt("a", "unavailable", 0), Attempt("b", "unsupported", 0))


async def test_without_sources_nobody_wins(patient: Race[str]) -> None:
    assert (await Track().run(patient), patient.tried) == (None, ())


async def test_a_hanging_source_is_given_up_only_for_the_next(race: Race[str]) -> None:
    track = Track(a=asyncio.Event(), b="from b")

    won = await track.run(race)

    assert (won, track.cancelled) == (("b", "from b"), ["a"])
    assert race.tried == (Attempt("a", "timeout", 0), Attempt("b", "ok", 0))


async def test_whoever_answers_first_wins_even_if_another_was_asked_meanwhile(
    race: Race[str],
) -> None:
    slow, hanging = asyncio.Event(), asyncio.Event()
    track = Track(a=slow, b=hanging)
    run = asyncio.create_task(track.run(race))
    await until(lambda: track.asked == ["a", "b"])
    slow.set()

    assert (await run, track.cancelled) == (("a", "a"), ["b"])
    assert race.tried == (Attempt("a", "ok", 0),)  # b never had its time: that is no time-out


async def test_after_the_last_source_all_are_waited_for(race: Race[str]) -> None:
    slow = asyncio.Event()
    track = Track(a=slow, b=asyncio.Event())
    run = asyncio.create_task(track.run(race))
    await until(lambda: track.asked == ["a", "b"])
    await asyncio.sleep(5 * HEDGE_S)
    slow.set()

    assert await run == ("a", "a")


async def test_two_who_answer_at_once_are_taken_in_order(race: Race[str]) -> None:
    both = asyncio.Event()
    track = Track(a=both, b=both)
    run = asyncio.create_task(track.run(race))
    await until(lambda: track.asked == ["a", "b"])
    both.set()

    assert await run == ("a", "a")


async def test_when_the_newest_fails_the_next_is_asked_at_once_though_an_older_one_hangs(
    race: Race[str],
) -> None:
    # the first has had its time already; it must not cost the next source another
    track = Track(a=asyncio.Event(), b=SourceUnavailable("down"), c="from c")

    async def ask(source: str) -> str:
        race._hedge_s = LONG_S  # from the second on
        return await track.ask(source)

    async with asyncio.timeout(LONG_S / 2):
        assert await race.run("abc", ask, LONG_S) == ("c", "from c")


async def test_a_failure_of_an_older_one_does_not_hurry_the_newest(race: Race[str]) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    track = Track(b=second, c="from c")

    async def ask(source: str) -> str:
        race._hedge_s = LONG_S
        if source == "a":
            await first.wait()
            raise SourceUnavailable("down")
        return await track.ask(source)

    run = asyncio.create_task(race.run("abc", ask, LONG_S))
    await until(lambda: track.asked == ["b"])
    first.set()
    await others_run()
    second.set()

    assert (await run, track.asked) == (("b", "b"), ["b"])


async def test_when_all_hang_the_race_ends_with_its_budget() -> None:
    race: Race[str] = Race(SystemClock(), HEDGE_S)
    hanging = asyncio.Event()
    track = Track(a=hanging, b=hanging)

    won = await track.run(race, budget_s=0.05)

    assert (won, track.cancelled) == (None, ["a", "b"])
    assert [(attempt.source, attempt.outcome) for attempt in race.tried] == [
        ("a", "timeout"),
        ("b", "timeout"),
    ]


async def test_a_budget_shorter_than_the_hedge_ends_the_race_before_the_next() -> None:
    race: Race[str] = Race(SystemClock(), LONG_S)
    track = Track(a=asyncio.Event(), b="from b")

    async with asyncio.timeout(LONG_S / 2):
        assert (await track.run(race, budget_s=0.01), track.asked) == (None, ["a"])


async def test_what_is_no_failure_of_a_source_is_not_swallowed(patient: Race[str]) -> None:
    track = Track(a=KeyError("our bug"), b="from b")

    with pytest.raises(KeyError, match="our bug"):
        await track.run(patient)


async def test_a_failure_in_the_winners_moment_is_not_lost(race: Race[str]) -> None:
    both = asyncio.Event()

    async def ask(source: str) -> str:
        asked.append(source)
        await both.wait()
        if source == "b":
            raise SourceUnavailable("down")
        return source

    asked: list[str] = []
    run = asyncio.create_task(race.run("ab", ask, LONG_S))
    await until(lambda: asked == ["a", "b"])
    both.set()

    assert await run == ("a", "a")  # and the fixture finds no exception that was never retrieved


async def test_a_race_that_is_cancelled_leaves_nobody_running(race: Race[str]) -> None:
    before = asyncio.all_tasks()
    track = Track(a=asyncio.Event(), b=asyncio.Event())
    run = asyncio.create_task(track.run(race))
    await until(lambda: track.asked == ["a", "b"])
    run.cancel()
    await asyncio.wait([run])

    assert (sorted(track.cancelled), asyncio.all_tasks() - before) == (["a", "b"], set())


async def test_attempts_state_how_long_each_was_waited_for(clock: StillClock) -> None:
    race: Race[str] = Race(clock, LONG_S)

    async def ask(source: str) -> str:
        clock.advance(0.25 if source == "a" else 0.1)
        if source == "a":
            raise SourceUnavailable("down")
        return source

    await race.run("ab", ask, LONG_S)

    assert race.tried == (Attempt("a", "unavailable", 250), Attempt("b", "ok", 100))
