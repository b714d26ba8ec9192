"""What every reply says of itself."""

import re

import pytest

from tests.adapters.front_door.probe import PRICE
from tests.house import House


async def test_a_reply_says_where_it_comes_from_and_how_old_it_is(house: House) -> None:
    answer = await house.get(PRICE)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-source"] == "binance"
    assert answer.headers["age"] == "0"
    assert answer.headers["x-cache"] == "miss"
    assert answer.headers["server-timing"].startswith('cache;desc="miss", binance;desc=ok;dur=')
    assert answer.headers["vary"] == "Accept-Encoding, Origin"


async def test_cache_control_counts_down_while_the_value_ages(house: House) -> None:
    await house.get(PRICE)
    house.clock.advance(3)

    answer = await house.get(PRICE)

    assert answer.headers["age"] == "3"
    assert answer.headers["cache-control"] == (
        "public, max-age=2, stale-while-revalidate=55, stale-if-error=295"
    )


async def test_no_header_stands_twice(house: House) -> None:
    for target in (PRICE, "/health", "/nowhere", "/api/price/..%2f"):
        names = [
            name for name, _ in (await house.get(target, origin="https://a.example")).raw_headers
        ]

        assert len(names) == len(set(names))
        assert all(name == name.lower() for name in names)


async def test_a_sane_request_id_comes_back(house: House) -> None:
    answer = await house.get(PRICE, x_request_id="web-7f3a.42_B")

    assert answer.headers["x-request-id"] == "web-7f3a.42_B"


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with space", "tab\tinside", "ünicode-id", '"quoted-id"']
)
async def test_any_other_request_id_is_replaced(house: House, given: str) -> None:
    answer = await house.get(PRICE, x_request_id=given)

    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", answer.headers["x-request-id"])


async def test_every_request_has_an_id_of_its_own(house: House) -> None:
    ids = {(await house.get(PRICE)).headers["x-request-id"] for _ in range(5)}

    assert len(ids) == 5


async def test_a_value_of_the_sandbox_is_labelled(house: House) -> None:
    async with House(sandbox=True) as played:
        answer = await played.get(PRICE)

    assert answer.headers["x-source"] == "sandbox:binance"
    assert answer.json["meta"]["sandbox"] is True


async def test_every_answer_is_counted_once_with_endpoint_status_and_cache(house: House) -> None:
    await house.get(PRICE)
    house.clock.advance(1)
    await house.get(PRICE)
    await house.get("/nowhere")
    await house.get("/api/price/!")
    await house.get("/health")

    assert house.counted == [
        ("price", 200, "miss"),
        ("price", 200, "hit"),
        ("none", 404, "none"),
        ("price", 400, "none"),
        ("health", 200, "hit"),
    ]
