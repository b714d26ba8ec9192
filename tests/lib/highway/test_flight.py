"""Behaviour of single flights."""

import asyncio
import logging
from collections.abc import Iterator

import pytest

from lib.highway.flight import Flights
from tests.lib.fakes import nothing_is_left_behind, others_run

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True, scope="module")
def _clean() -> Iterator[None]:
    with nothing_is_left_behind():
        yield


class Work:
    """Counts its runs; waits until it may end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.error = error
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.runs += 1
        run = self.runs
        await self.may_end.wait()
        if self.error:
            raise self.error
        return run


async def test_five_hundred_callers_share_one_flight() -> None:
    flights, work = Flights(), Work()
    callers = [asyncio.create_task(flights.join("key", work)) for _ in range(500)]
    await others_run()
    work.may_end.set()

    assert (await asyncio.gather(*callers), work.runs) == ([1] * 500, 1)


async def test_different_keys_fly_apart() -> None:
    flights, work = Flights(), Work()
    work.may_end.set()

    assert sorted(await asyncio.gather(flights.join("one", work), flights.join("other", work))) == [
        1,
        2,
    ]


async def test_a_caller_who_leaves_cancels_nobody() -> None:
    flights, work = Flights(), Work()
    first = asyncio.create_task(flights.join("key", work))
    second = asyncio.create_task(flights.join("key", work))
    await others_run()
    first.cancel()
    await others_run()
    work.may_end.set()

    assert (await second, first.cancelled(), work.runs) == (1, True, 1)


async def test_a_flight_goes_on_when_all_callers_have_left() -> None:
    flights, work = Flights(), Work()
    caller = asyncio.create_task(flights.join("key", work))
    await others_run()
    caller.cancel()
    await others_run()
    work.may_end.set()

    assert await flights.join("key", work) == 1


async def test_a_failing_flight_fails_for_all_its_waiters() -> None:
    flights, work = Flights(), Work(ValueError("no"))
    callers = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
    await others_run()
    work.may_end.set()

    ends = await asyncio.gather(*callers, return_exceptions=True)

    assert [repr(end) for end in ends] == ["ValueError('no')"] * 3


async def test_after_a_failure_the_next_caller_tries_anew() -> None:
    flights, work = Flights(), Work(ValueError("no"))
    work.may_end.set()
    with pytest.raises(ValueError, match="no"):
        await flights.join("key", work)
    work.error = None

    assert await flights.join("key", work) == 2


async def test_a_flight_that_has_landed_is_not_joined() -> None:
    flights, work = Flights(), Work()
    work.may_end.set()

    assert [await flights.join("key", work), await flights.join("key", work)] == [1, 2]


async def test_a_failure_that_nobody_waits_for_is_retrieved() -> None:
    flights, work = Flights(), Work(ValueError("nobody cares"))
    work.may_end.set()
    flights.start("key", work)
    await others_run()

    assert flights._running == {}  # and the fixture finds no complaint of asyncio's


async def test_an_unexpected_failure_that_perhaps_nobody_waits_for_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flights = Flights(expected=KeyError)
    for name, error in {"expected": KeyError("a"), "bug": ZeroDivisionError()}.items():
        work = Work(error)
        work.may_end.set()
        flights.start(name, work)
    await others_run()

    assert [(r.levelno, r.message, r.exc_info and r.exc_info[0]) for r in caplog.records] == [
        (logging.ERROR, "flight.broken", ZeroDivisionError)
    ]


async def test_closing_cancels_what_is_under_way_and_waits_for_it() -> None:
    flights = Flights()
    ended: list[str] = []

    async def last() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")

    task = flights.start("key", last)
    await others_run()
    await flights.aclose()

    assert (ended, task.cancelled(), flights._running) == (["cleaned up"], True, {})


async def test_a_task_of_a_loop_that_has_stopped_is_neither_joined_nor_waited_for() -> None:
    flights, frozen, work = Flights(), Work(), Work()
    work.may_end.set()
    loop = asyncio.new_event_loop()

    async def begin() -> "list[asyncio.Task[int]]":
        return [flights.start("key", frozen), flights.start("other", frozen)]

    def end() -> None:
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left))
        loop.close()

    left = await asyncio.to_thread(loop.run_until_complete, begin())
    joined = await flights.join("key", work)
    await flights.aclose()
    await asyncio.to_thread(end)

    assert joined == 1
