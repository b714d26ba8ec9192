"""Many who ask the same at once are answered by one rendering."""

import asyncio
import gzip
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from adapters.rendering import (
    ENCODERS,
)
from functions import load_endpoints
from lib.endpoint import Endpoint
from lib.feeds import TICKERS
from tests.adapters.rendering.word import Nothing, Said, sourced
from tests.house import House


class Counting:
    """An endpoint's call that counts itself and waits for a sign."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = asyncio.Event()

    def endpoint(self) -> Endpoint:
        async def counting(request: Nothing, ctx: Any) -> Said:
            self.calls += 1
            await self.go.wait()
            ctx.use(TICKERS, sourced(), 5)
            return Said(word="once")

        return Endpoint(
            method="GET",
            path="/count",
            request=Nothing,
            reply=Said,
            call=counting,
            feeds=(TICKERS,),
        )


async def test_two_hundred_at_once_are_answered_by_one_rendering() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        asking = [asyncio.create_task(house.get(f"/count?junk={n % 7}")) for n in range(200)]
        await asyncio.sleep(0)
        counting.go.set()
        answers = await asyncio.gather(*asking)

    assert counting.calls == 1
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


async def test_ten_thousand_at_once_are_one_call_one_rendering_and_one_compression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = {"replies": 0, "compressed": 0}
    [market] = [one for one in load_endpoints() if one.name == "market"]

    @wraps(market.call)
    async def counting(request: Any, ctx: Any) -> Any:
        made["replies"] += 1
        return await market.call(request, ctx)

    def compress(body: bytes) -> bytes:
        made["compressed"] += 1
        return gzip.compress(body, 1)

    monkeypatch.setitem(ENCODERS, "gzip", compress)
    async with House(endpoints=[replace(market, call=counting)]) as house:
        one = await house.get("/api/market?limit=50", accept_encoding="gzip")
        alone, made_alone = house.calls, dict(made)
        house.clock.advance(100_000)  # nothing is kept so long
        spellings = [f"/api/market?limit=50&junk={number % 9}" for number in range(10_000)]
        answers = await asyncio.gather(
            *(house.get(target, accept_encoding="gzip") for target in spellings)
        )

    assert {(answer.status, len(answer.body) > 1000) for answer in answers} == {(200, True)}
    assert len({answer.body for answer in answers} - {one.body}) == 1
    assert house.calls == 2 * alone
    assert made_alone == {"replies": 1, "compressed": 1}
    assert made == {"replies": 2, "compressed": 2}


async def test_who_asks_what_is_being_made_waits_at_the_door() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        first = asyncio.create_task(house.get("/count"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        house.app._inside = None  # type: ignore[assignment]  # nobody else gets that far
        later = [asyncio.create_task(house.get("/count")) for _ in range(3)]
        await asyncio.sleep(0)
        counting.go.set()
        answers = await asyncio.gather(first, *later)

    assert counting.calls == 1
    assert {(answer.status, answer.headers["x-cache"]) for answer in answers} == {(200, "miss")}
    assert house.counted == [("counting", 200, "miss")] * 4


async def test_a_bug_is_logged_once_however_many_wait(caplog: pytest.LogCaptureFixture) -> None:
    async def probe(request: Nothing, ctx: Any) -> Said:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        raise RuntimeError("secret-internals")

    broken = Endpoint(method="GET", path="/probe", request=Nothing, reply=Said, call=probe)
    async with House(endpoints=[broken]) as house:
        first = asyncio.create_task(house.get("/probe"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        answers = await asyncio.gather(first, *(house.get("/probe") for _ in range(20)))

    assert {(answer.status, answer.error["code"]) for answer in answers} == {
        (500, "INTERNAL_ERROR")
    }
    assert all(b"secret" not in answer.body for answer in answers)
    assert [r.message for r in caplog.records].count("request.failed") == 1
    assert house.counted == [("probe", 500, "none")] * 21


async def test_an_asker_who_leaves_takes_nobody_along() -> None:
    counting = Counting()
    async with House(endpoints=[counting.endpoint()]) as house:
        first = asyncio.create_task(house.get("/count"))
        second = asyncio.create_task(house.get("/count"))
        await asyncio.sleep(0)
        first.cancel()
        counting.go.set()
        answer = await second

    assert answer.status == 200
    assert counting.calls == 1


async def test_the_order_of_parameters_makes_no_other_rendering(house: House) -> None:
    one = await house.get("/api/ohlcv?symbol=BTC&timeframe=1h&limit=5")
    two = await house.get("/api/ohlcv?limit=5&timeframe=1h&symbol=BTC&cachebuster=1")

    assert one.body == two.body
    assert len(house.app._pantry._answers) == 1


async def test_another_question_is_another_rendering(house: House) -> None:
    one = await house.get("/api/orderbook/BTC?limit=5")
    two = await house.get("/api/orderbook/BTC?limit=6")

    assert (len(one.json["bids"]), len(two.json["bids"])) == (5, 6)


async def test_a_failure_is_rendered_for_all_but_kept_for_nobody() -> None:
    async with House(faults={"binance": "500"}) as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        failed = await asyncio.gather(*(house.get("/api/price/BTC") for _ in range(20)))
        house.sandbox.state.faults.clear()
        after = await house.get("/api/price/BTC")

    assert {answer.status for answer in failed} == {503}
    assert after.status == 200
