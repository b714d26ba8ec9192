"""How the service is, from what it already knows."""

from types import SimpleNamespace
from typing import Any

import pytest

from lib.queries import Everything
from lib.sourced import Attempt, NoSource
from lib.views.vitals import VITAL, count_sources, reasons_against, state_of, store_states
from tests.house import House


async def test_a_new_service_is_healthy() -> None:
    async with House() as house:
        assert reasons_against(house.runtime) == []
        assert state_of(house.runtime) == "healthy"


@pytest.mark.parametrize("feed", VITAL, ids=lambda feed: feed.name)
async def test_a_vital_feed_without_sources_is_a_reason(feed: Any) -> None:
    async with House() as house:
        for source in feed.sources:
            house.runtime.highway.gates[source].switched_off = True
        reasons = reasons_against(house.runtime)
        state = state_of(house.runtime)

    assert f"every source of {feed.name} is offline" in reasons
    assert state == "degraded"


@pytest.mark.parametrize("feed", VITAL, ids=lambda feed: feed.name)
async def test_a_vital_feed_that_nobody_answers_is_a_reason_though_some_were_not_reached(
    feed: Any,
) -> None:
    async with House() as house:
        refusals, name = house.runtime.highway.refusals, feed.sources[0]
        refusals.note(feed, Everything(), NoSource(feed.name, "", (Attempt(name, "timeout", 1),)))
        during = reasons_against(house.runtime)
        refusals.answered(feed, 0)
        after = reasons_against(house.runtime)

    assert (during, after) == ([f"no source of {feed.name} has answered since all failed"], [])


async def test_a_store_that_is_down_is_a_reason() -> None:
    async with House() as house:
        house.runtime.store = SimpleNamespace(state="down")  # type: ignore[assignment]
        states, reasons = store_states(house.runtime), reasons_against(house.runtime)
        house.runtime.store = None

    assert (states["redis"], reasons) == ("down", ["the store is down"])
    assert store_states(house.runtime) == {"redis": "not_configured", "ledger": "not_configured"}


async def test_a_ledger_that_does_not_record_is_a_reason() -> None:
    async with House() as house:
        ledger = SimpleNamespace(state="down", reason="no database")
        house.runtime.ledger = ledger  # type: ignore[assignment]
        states, reasons = store_states(house.runtime), reasons_against(house.runtime)
        house.runtime.ledger = None

    assert states["ledger"] == "down"
    assert reasons == ["the ledger does not record: no database"]


async def test_sources_are_counted_by_state() -> None:
    async with House() as house:
        house.runtime.highway.gates["okx"].switched_off = True
        counts = count_sources(house.runtime)
        states = [gate.status for gate in house.runtime.highway.gates.values()]

    assert counts["offline"] == states.count("offline") >= 1
    assert counts.total() == len(states)
