"""Hit, stale, miss: who is answered from memory, and how long."""

from tests.adapters.front_door.probe import MARKET, PRICE
from tests.house import House


async def test_the_second_asker_gets_the_same_bytes_as_a_hit(house: House) -> None:
    first = await house.get(MARKET)
    house.clock.advance(1)
    calls = house.calls

    second = await house.get(MARKET)

    assert second.headers["x-cache"] == "hit"
    assert second.body == first.body
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["server-timing"] == 'cache;desc="hit"'
    assert house.calls == calls


async def test_another_spelling_of_the_same_question_is_a_hit_too(house: House) -> None:
    first = await house.get("/api/ohlcv?symbol=BTC&timeframe=1h&limit=5")
    house.clock.advance(1)

    second = await house.get("/api/ohlcv?limit=5&utm=x&interval=1h&symbol=BTC")

    assert second.headers["x-cache"] == "hit"
    assert second.headers["server-timing"] == 'cache;desc="hit"'
    assert second.body == first.body


async def test_a_stale_value_is_sent_at_once_in_the_same_bytes_and_refreshed(house: House) -> None:
    first = await house.get(PRICE)
    house.clock.advance(6)

    stale = await house.get(PRICE)
    while house.runtime.highway._flights._running:
        await next(iter(house.runtime.highway._flights._running.values()))
    house.clock.advance(1)
    renewed = await house.get(PRICE)

    assert stale.headers["x-cache"] == "stale"
    assert stale.headers["age"] == "6"
    assert stale.max_age == 0
    assert stale.body == first.body
    assert renewed.headers["x-cache"] == "hit"
    assert renewed.headers["age"] == "1"
    assert renewed.body != first.body


async def test_a_stale_value_is_looked_after_once_a_second_not_once_a_request(house: House) -> None:
    await house.get(PRICE)
    house.sandbox.state.faults.set("binance", "500")
    for other in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(other, "500")
    house.clock.advance(6)
    counted = len(house.counted)

    answers = [await house.get(PRICE) for _ in range(20)]

    assert {answer.headers["x-cache"] for answer in answers} == {"stale"}
    assert len(house.counted) == counted + 20


async def test_when_all_sources_are_down_the_kept_value_answers_and_says_so(house: House) -> None:
    await house.get(PRICE)
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(200)

    answer = await house.get(PRICE)

    assert answer.status == 200
    assert answer.headers["x-cache"] == "stale"
    assert answer.json["meta"]["degraded"] is True
    assert {"source": "binance", "outcome": "unavailable", "ms": 0} in answer.json["meta"][
        "sources_tried"
    ]


async def test_nothing_is_served_past_its_keep(house: House) -> None:
    await house.get(PRICE)
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(301)

    answer = await house.get(PRICE)

    assert answer.status == 503
