"""A highway over sources that say what a test tells them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lib.highway.road import Highway
from tests.conftest import StillClock
from tests.lib.fakes import nothing_is_left_behind
from tests.lib.highway.driving import HEDGE_S, Open


@pytest.fixture(autouse=True, scope="module")
def _clean() -> Iterator[None]:
    with nothing_is_left_behind():
        yield


@pytest.fixture
async def open_highway(clock: StillClock) -> AsyncIterator[Open]:
    """Build highways over some sources; at the end they are closed and have left no task."""
    before = asyncio.all_tasks()
    opened: list[Highway] = []

    def build(*sources: Any, **options: Any) -> Highway:
        highway = Highway(sources, **{"clock": clock, "hedge_s": HEDGE_S} | options)
        opened.append(highway)
        return highway

    yield build
    for highway in opened:
        await highway.aclose()
    left = asyncio.all_tasks() - before
    assert [repr(task) for task in left if "TestRunner" not in repr(task)] == []
