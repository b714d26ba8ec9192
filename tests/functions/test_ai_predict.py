"""POST /api/ai/predict."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from functions.ai_predict import endpoints
from lib.ledger.ledger import open_ledger
from tests.functions.upstream import BARS
from tests.functions.walks import LAST_MS, walk, wire
from tests.house import House, canned

HOUR_MS = 3_600_000
PATH = "/api/ai/predict"
PREDICTION = {"timestamp", "price", "confidence", "lower_bound", "upper_bound"}


def over(*candles: Any) -> House:
    """A house whose one venue has these candles."""
    return House(upstream=canned({BARS: wire(candles)}), endpoints=endpoints)


async def test_a_bare_symbol_gets_a_day_of_hours_from_the_ensemble(house: House) -> None:
    body = (await house.post(PATH, {"symbol": "BTC"})).json

    steps = body["predictions"]
    assert (body["symbol"], body["model"], body["horizon"]) == ("BTC/USDT", "ensemble_v3", 24)
    assert [step["timestamp"] for step in steps] == [LAST_MS + at * HOUR_MS for at in range(1, 25)]
    assert body["timestamp"] == LAST_MS
    assert all(set(step) == PREDICTION for step in steps)
    assert body["prediction"] == steps[-1]["price"]


async def test_prices_are_ordered_and_bounds_widen(house: House) -> None:
    body = (await house.post(PATH, {"symbol": "ETH", "horizon": 168})).json

    steps = body["predictions"]
    widths = [step["upper_bound"] - step["lower_bound"] for step in steps]
    assert all(0 < s["lower_bound"] <= s["price"] <= s["upper_bound"] for s in steps)
    assert widths[0] < widths[23] < widths[167]
    assert body["probability_up"] is None
    assert body["meta"]["missing"]["probability_up"]


async def test_confidence_is_the_coverage_that_was_asked_for(house: House) -> None:
    narrow = (await house.post(PATH, {"symbol": "BTC"})).json
    wide = (await house.post(PATH, {"symbol": "BTC", "interval": 0.95})).json

    assert (narrow["confidence"], wide["confidence"]) == (0.8, 0.95)
    assert {step["confidence"] for step in wide["predictions"]} == {0.95}
    assert wide["predictions"][0]["upper_bound"] > narrow["predictions"][0]["upper_bound"]


async def test_the_action_follows_the_direction(house: House) -> None:
    body = (await house.post(PATH, {"symbol": "BTC"})).json

    actions = {"bullish": "buy", "bearish": "sell", "neutral": "hold"}
    assert body["action"] == actions[body["direction"]]


async def test_it_is_fresh_for_two_minutes(house: House) -> None:
    meta = (await house.post(PATH, {"symbol": "BTC"})).json["meta"]

    assert meta["fresh_until"] - meta["fetched_at"] == 120_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("model", "gpt"), ("horizon", 169), ("horizon", 0), ("timeframe", "5m"), ("interval", 1)],
)
async def test_what_no_model_serves_is_refused_with_what_is(
    house: House, field: str, value: object
) -> None:
    answer = await house.post(PATH, {"symbol": "BTC", field: value})

    assert (answer.status, answer.error["code"]) == (400, "INVALID_PARAMETER")
    assert answer.error["details"]["fields"][0]["field"] == field
    if field == "model":
        assert "ensemble_v3" in answer.error["details"]["fields"][0]["accepted"]


async def test_a_coin_that_is_two_days_old_has_too_little_history() -> None:
    async with over(*walk(49)) as house:
        answer = await house.post(PATH, {"symbol": "BTC"})

    assert (answer.status, answer.error["code"]) == (422, "INSUFFICIENT_DATA")
    assert (answer.error["details"]["have"], answer.error["details"]["need"]) == (49, 50)


async def test_candles_after_the_last_closed_one_change_nothing() -> None:
    candles = walk(300)
    running = walk(1, seed=7)[0]
    made = []
    for rows in (candles, (*candles, type(running)(LAST_MS, 1, 9000, 1, 8000, 5, False, False, 1))):
        async with over(*rows) as house:
            made.append((await house.post(PATH, {"symbol": "BTC"})).json["predictions"])

    assert made[0] == made[1]


@pytest.fixture
async def recording() -> AsyncIterator[House]:
    async with House(endpoints=endpoints) as house:
        house.runtime.ledger = open_ledger("sqlite://", house.clock, "sandbox")
        await house.runtime.ledger.flush()
        yield house


async def test_what_was_answered_stands_in_the_ledger_once(recording: House) -> None:
    ledger = recording.runtime.ledger
    assert ledger
    for horizon in (24, 24, 6, 12):
        await recording.post(PATH, {"symbol": "BTC", "horizon": horizon})
    await ledger.flush()

    rows, _ = await ledger.due(LAST_MS + 1000 * HOUR_MS)

    assert sorted(row.horizon for row in rows) == [1, 6, 12, 24]
    assert {row.horizon for row in rows if row.probability_up is not None} == {6, 12, 24}
    assert {row.origin_ms for row in rows} == {LAST_MS}


async def test_what_nobody_records_is_said_to_be_unrecorded(recording: House) -> None:
    asked = {"symbol": "BTC", "horizon": 3}
    recorded = (await recording.post(PATH, asked)).json["meta"]
    recording.runtime.ledger = None
    asked["horizon"] = 4
    unrecorded = (await recording.post(PATH, asked)).json["meta"]

    assert "unrecorded" not in recorded
    assert unrecorded["unrecorded"] == "this instance keeps no ledger"


@pytest.mark.parametrize(
    ("asked", "field", "accepted"),
    [
        ({"horizon": 169}, "horizon", "a number of bars ahead, from 1 to 168"),
        ({"horizon": "far"}, "horizon", "a number of bars ahead, from 1 to 168"),
        (
            {"interval": 1},
            "interval",
            "the share of outcomes that the bounds hold, from 0.5 to 0.99",
        ),
    ],
)
async def test_a_refusal_says_the_range(
    house: House, asked: dict[str, Any], field: str, accepted: str
) -> None:
    answer = await house.post(PATH, {"symbol": "BTC", **asked})

    [refused] = answer.error["details"]["fields"]
    assert (answer.status, refused["field"], refused["accepted"]) == (400, field, accepted)
    assert answer.error["message"] == f"'{field}' must be {accepted}"


async def test_a_null_that_is_refused_is_shown_as_null(house: House) -> None:
    answer = await house.post(PATH, {"symbol": "BTC", "horizon": None})

    [refused] = answer.error["details"]["fields"]
    assert (answer.status, refused["field"], refused["value"]) == (400, "horizon", None)
