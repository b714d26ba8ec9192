"""What the door keeps of answers: bounded, shared, and nobody's to forge."""

import pytest

from tests.adapters.front_door.probe import MARKET, PRICE
from tests.house import House


async def test_thousands_of_spellings_are_one_answer_and_leave_memory_bounded() -> None:
    async with House(settings={"ANSWERS_MB": "1"}) as house:
        pantry = house.app._pantry
        pantry._spellings._most_bytes = 50_000
        for number in range(1000):
            await house.get(f"{PRICE}?junk={number}")

        assert len(pantry._answers) == 1
        assert pantry._spellings.bytes <= 50_000


async def test_a_caller_cannot_spell_the_key_of_a_shared_rendering(house: House) -> None:
    answer = await house.get(PRICE)
    [question] = house.app._pantry._answers._values

    smuggled = await house.get(b"/" + question.replace(b" ", b"%20"))

    assert answer.status == 200
    assert smuggled.status == 404


@pytest.mark.parametrize("target", [PRICE, MARKET, "/api/ohlcv?symbol=BTC&limit=5", "/health"])
async def test_without_room_for_answers_the_answers_are_the_same(house: House, target: str) -> None:
    async with House(settings={"ANSWERS_MB": "0"}) as bare:
        for asked in (house, bare):
            await asked.get(target)
            asked.clock.advance(1)
        kept = await house.get(target, accept_encoding="gzip", x_request_id="same-id-1")
        made = await bare.get(target, accept_encoding="gzip", x_request_id="same-id-1")

    assert (made.status, made.headers) == (kept.status, kept.headers)
    assert made.body == kept.body
