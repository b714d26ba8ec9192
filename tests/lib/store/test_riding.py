"""Behaviour of counts that wait for company on the way to a store."""

import asyncio
from typing import Any

import pytest

from lib.store.remote import Command, RemoteStore
from lib.store.riding import RidingStore

pytestmark = pytest.mark.anyio


class Wire(RemoteStore):
    """A store that answers every command with its own words, and notes each round trip."""

    def __init__(self) -> None:
        super().__init__(5)
        self.trips: list[list[Command]] = []
        self.broken: Exception | None = None
        self.held = asyncio.Event()
        self.held.set()

    async def send(self, commands: list[Command]) -> list[Any]:
        self.trips.append(commands)
        await self.held.wait()
        if self.broken:
            raise self.broken
        return [[7] * (int(c[2])) if c[0] == "EVAL" else f"{c[0]} {c[1]}" for c in commands]

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def store(wire: Wire) -> RidingStore:
    return RidingStore(wire, patience_s=5)


def words(trip: list[Command]) -> list[Any]:
    return [command[0] for command in trip]


async def test_counts_go_with_a_look_that_begins_after_them(store: RidingStore, wire: Wire) -> None:
    told, found = await asyncio.gather(store.add_all({"a": 1, "b": 2}, 60), store.get("key"))

    assert (told, found) == ({"a": 7, "b": 7}, b"GET key")
    assert [words(trip) for trip in wire.trips] == [["GET", "EVAL"]]


async def test_counts_without_company_go_alone(store: RidingStore, wire: Wire) -> None:
    assert await store.add_all({"a": 1}, 60) == {"a": 7}
    assert [words(trip) for trip in wire.trips] == [["EVAL"]]


async def test_several_counts_go_together(store: RidingStore, wire: Wire) -> None:
    told = await asyncio.gather(*(store.add(name, 1, 60) for name in "abc"))

    assert told == [7, 7, 7]
    assert [words(trip) for trip in wire.trips] == [["EVAL"] * 3]


async def test_nothing_is_counted_twice_when_the_journey_is_long(
    store: RidingStore, wire: Wire
) -> None:
    wire.held.clear()
    counting = asyncio.create_task(store.add("a", 1, 60))
    looking = asyncio.create_task(store.get("key"))
    await asyncio.sleep(0.01)  # longer than counts wait for company
    wire.held.set()

    assert (await counting, await looking) == (7, b"GET key")
    assert [words(trip) for trip in wire.trips] == [["GET", "EVAL"]]


async def test_who_asks_does_not_wait_for_company(store: RidingStore, wire: Wire) -> None:
    assert await store.get("key") == b"GET key"
    assert [words(trip) for trip in wire.trips] == [["GET"]]


async def test_a_journey_that_fails_fails_for_all_aboard(store: RidingStore, wire: Wire) -> None:
    wire.broken = OSError("gone")

    ends = await asyncio.gather(store.add("a", 1, 60), store.get("key"), return_exceptions=True)

    assert [type(end) for end in ends] == [ConnectionError, OSError]
    assert len(wire.trips) == 1


async def test_counts_whose_asker_left_are_not_sent_later(store: RidingStore, wire: Wire) -> None:
    counting = asyncio.create_task(store.add("a", 1, 60))
    await asyncio.sleep(0)
    counting.cancel()
    await asyncio.wait({counting})

    await store.get("key")

    assert [words(trip) for trip in wire.trips] == [["GET"]]
