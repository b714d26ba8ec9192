"""One question to all sources at once: who is waited for, and what stands in for whom."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lib.errors import SourceUnavailable
from lib.highway.road import Highway
from lib.sourced import NoSource
from tests.conftest import StillClock
from tests.lib.fakes import BTC, SPOTS, FakeSource, One, others_run

pytestmark = pytest.mark.anyio

SOON_S = 0.01


@pytest.fixture
def sources(clock: StillClock) -> list[FakeSource]:
    return [One(name, clock, price) for name, price in (("alpha", 1), ("beta", 2), ("gamma", 3))]


@pytest.fixture
async def highway(sources: list[FakeSource], clock: StillClock) -> AsyncIterator[Highway]:
    made = Highway(sources, clock, hedge_s=SOON_S)
    yield made
    await made.aclose()


async def prices(highway: Highway) -> dict[str, float]:
    told = await highway.fetch_each(SPOTS, BTC)
    return {source: found.value.last for source, found in told.found.items()}


async def test_all_are_asked_and_told_in_the_feed_s_order(highway: Highway) -> None:
    told = await highway.fetch_each(SPOTS, BTC)

    assert list(told.found) == ["alpha", "beta", "gamma"]
    assert [(one.source, one.outcome) for one in told.tried] == [
        ("alpha", "ok"), ("beta", "ok"), ("gamma", "ok"),
    ]  # fmt: skip


async def test_what_is_fresh_is_not_asked_for_again(
    highway: Highway, sources: list[FakeSource], clock: StillClock
) -> None:
    await prices(highway)
    clock.advance(4.9)
    await prices(highway)
    young = [len(source.calls) for source in sources]
    clock.advance(0.2)
    await prices(highway)

    assert (young, [len(source.calls) for source in sources]) == ([1, 1, 1], [2, 2, 2])


async def test_who_dawdles_is_not_waited_for_once_two_have_answered(
    highway: Highway, sources: list[FakeSource]
) -> None:
    sources[0].hold = asyncio.Event()

    first = await highway.fetch_each(SPOTS, BTC)
    sources[0].hold.set()
    await asyncio.sleep(0.02)

    assert list(first.found) == ["beta", "gamma"]
    assert [one.outcome for one in first.tried] == ["timeout", "ok", "ok"]
    assert list(await prices(highway)) == ["alpha", "beta", "gamma"]
    assert len(sources[0].calls) == 2 - 1


async def test_what_the_last_in_order_says_late_is_there_the_next_time_too(
    highway: Highway, sources: list[FakeSource]
) -> None:
    sources[2].hold = asyncio.Event()
    await highway.fetch_each(SPOTS, BTC)
    sources[2].hold.set()
    await others_run()

    assert list(await prices(highway)) == ["alpha", "beta", "gamma"]
    assert len(sources[2].calls) == 1


async def test_the_second_answer_is_waited_for(highway: Highway, sources: list[FakeSource]) -> None:
    for source in sources[:2]:
        source.hold = asyncio.Event()
    asking = asyncio.create_task(prices(highway))
    await asyncio.sleep(3 * SOON_S)

    assert not asking.done()
    assert sources[1].hold
    sources[1].hold.set()

    assert list(await asking) == ["beta", "gamma"]


async def test_a_kept_answer_stands_in_for_a_failure(
    highway: Highway, sources: list[FakeSource], clock: StillClock
) -> None:
    await prices(highway)
    clock.advance(10)
    sources[0].error, sources[0].price = SourceUnavailable("500"), 9

    told = await highway.fetch_each(SPOTS, BTC)

    assert told.found["alpha"].value.last == 1
    assert [one.outcome for one in told.found["alpha"].refused] == ["unavailable"]


async def test_when_nobody_answers_the_reasons_are_told(
    highway: Highway, sources: list[FakeSource]
) -> None:
    for source in sources:
        source.error = SourceUnavailable("500")

    with pytest.raises(NoSource) as refused:
        await highway.fetch_each(SPOTS, BTC)

    assert {one.outcome for one in refused.value.tried} == {"unavailable"}
