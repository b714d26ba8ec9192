"""A source that the others contradict, or that stands still, is left out of answers and told of."""

import logging
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from adapters.metrics import Metrics
from tests.functions.twisted import Twisted, ever_the_same, times
from tests.house import House
from tests.lib.fakes import until

KEY = "dm_a-key-of-the-tests"
ASKED = ["/api/price/BTC", "/api/ticker/BTC"]


class Watched(House):
    """A service whose venues can be made to say something else."""

    def __init__(self) -> None:
        self.upstream = Twisted()
        self.metrics = Metrics()
        super().__init__(
            upstream=self.upstream,
            settings={"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"},
            observer=self.metrics,
            metrics=self.metrics.exposition,
        )
        self.upstream.inner = httpx.ASGITransport(self.sandbox)
        self.metrics.runtime = self.runtime

    async def settled(self) -> None:
        """Wait for what goes on after an answer."""
        await until(lambda: not self.runtime.highway._flights._running)

    async def compare(self) -> Any:
        """Have all venues asked."""
        return (await self.get("/api/price/BTC/consensus")).json

    async def provider(self, name: str) -> Any:
        """What is told of one."""
        rows = (await self.get("/api/providers")).json["providers"]
        return next(row for row in rows if row["id"] == name)

    async def counter(self, line: str) -> float:
        """A metric's value by its name and labels."""
        text = (await self.get("/metrics", authorization=f"Bearer {KEY}")).body.decode()
        (found,) = (one for one in text.splitlines() if one.startswith(line + " "))
        return float(found.split()[-1])


@pytest.fixture
async def house() -> AsyncIterator[Watched]:
    async with Watched() as made:
        yield made


@pytest.mark.parametrize("target", ASKED)
async def test_an_outlier_is_dropped_and_the_next_source_answers(
    house: Watched, target: str
) -> None:
    house.upstream.twists = {"binance": times("binance", 1.1)}
    agreed = (await house.compare())["median"]

    meta = (body := (await house.get(target)).json)["meta"]

    assert body.get("price", body.get("last")) == agreed
    assert meta["source"] == "coinbase"
    assert {"source": "binance", "outcome": "malformed", "ms": 0} in meta["sources_tried"]
    assert meta["degraded"] is True


async def test_the_market_table_leaves_an_outlier_s_price_out(house: Watched) -> None:
    house.upstream.twists = {"binance": times("binance", 1.1)}
    agreed = (await house.compare())["median"]

    row = (await house.get("/api/market?symbols=BTC")).json["items"][0]

    assert row["price"] == pytest.approx(agreed, rel=0.01)


async def test_an_outlier_is_noticed_without_a_call_of_its_own(house: Watched) -> None:
    house.upstream.twists = {"binance": times("binance", 1.1)}
    await house.compare()
    before = house.calls

    for target in ASKED:
        await house.get(target)

    assert house.calls == before


async def test_it_stays_out_while_only_one_other_tells_the_price(house: Watched) -> None:
    house.upstream.twists = {"binance": times("binance", 1.1)}
    await house.compare()
    house.sandbox.state.faults.set("coinbase", "500")

    sources = set()
    for _ in range(20):
        house.clock.advance(10)
        sources.add((await house.get("/api/price/BTC")).json["meta"]["source"])
        await house.settled()

    assert sources == {"coinbase", "kraken"}  # at first what Coinbase said before, now stale
    assert (await house.get("/api/price/BTC")).json["meta"]["source"] == "kraken"


async def test_it_answers_again_once_it_agrees(house: Watched) -> None:
    house.upstream.twists = {"binance": times("binance", 1.1)}
    await house.compare()
    house.upstream.twists = {}
    house.sandbox.state.faults.set("coinbase", "500")

    for _ in range(3):
        house.clock.advance(10)
        await house.get("/api/price/BTC")
        await house.settled()

    assert (await house.get("/api/price/BTC")).json["meta"]["source"] == "binance"
    assert (await house.provider("binance"))["doubted"] == []


async def test_an_outlier_is_reported(house: Watched, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dreammaker")
    house.upstream.twists = {"binance": times("binance", 1.1)}
    agreed = (await house.compare())["median"]
    await house.get("/api/price/BTC")
    await house.get("/api/price/BTC?convert=usd")

    (doubt,) = (await house.provider("binance"))["doubted"]
    (record,) = (one for one in caplog.records if one.getMessage() == "source.outlier")

    assert (doubt["pair"], doubt["others"]) == ("BTC/USDT", agreed)
    assert doubt["price"] == pytest.approx(agreed * 1.1)
    assert doubt["since"] == "2025-11-24T16:02:03Z"
    assert (record.__dict__["source"], record.__dict__["pair"]) == ("binance", "BTC/USDT")
    assert await house.counter('source_doubted_prices{source="binance"}') == 1
    assert await house.counter('source_doubts_total{source="binance"}') == 1
    assert await house.counter('source_doubted_prices{source="kraken"}') == 0


async def test_the_market_table_tells_which_of_two_coins_is_meant(house: Watched) -> None:
    await house.get("/api/market?limit=1")  # an aggregator's price of bitcoin is at hand
    others = ("kraken", "okx", "kucoin")
    house.upstream.twists = {name: times(name, 0.1) for name in others}
    house.clock.advance(61)
    await house.compare()

    body = (await house.get("/api/price/BTC")).json

    assert body["meta"]["source"] == "binance"
    assert (await house.provider("binance"))["doubted"] == []
    assert (await house.provider("okx"))["doubted"] != []


async def move(house: Watched, rounds: int) -> list[Any]:
    """Let time pass and all venues be asked again and again."""
    told = []
    for _ in range(rounds):
        house.clock.advance(240)
        told.append(await house.compare())
    return told


async def test_a_stuck_source_has_failed_and_the_next_answers(house: Watched) -> None:
    house.upstream.twists = {"binance": ever_the_same()}
    *_, body = await move(house, 6)

    price = (await house.get("/api/price/BTC")).json
    binance = await house.provider("binance")

    assert {"source": "binance", "why": "stuck",
            "reason": "says the same as ever while others move"} in body["dropped"]  # fmt: skip
    assert price["meta"]["source"] != "binance"
    assert (binance["stuck"], binance["status"]) == (True, "degraded")
    assert "says the same as ever" in binance["last_error"]
    assert await house.counter('source_stuck{source="binance"}') == 1


async def test_a_stuck_source_opens_its_circuit(house: Watched) -> None:
    house.upstream.twists = {"kraken": ever_the_same()}
    await move(house, 3)

    for _ in range(12):
        house.clock.advance(5.1)
        await house.compare()

    assert (await house.provider("kraken"))["circuit"] != "closed"


async def test_a_stuck_source_is_back_with_its_first_new_answer(house: Watched) -> None:
    house.upstream.twists = {"binance": ever_the_same()}
    await move(house, 6)
    house.upstream.twists = {}

    *_, body = await move(house, 1)

    assert "binance" not in {one["source"] for one in body["dropped"]}
    assert (await house.get("/api/price/BTC")).json["meta"]["source"] == "binance"
    assert (await house.provider("binance"))["stuck"] is False


async def test_a_market_that_stands_still_makes_nobody_stuck(house: Watched) -> None:
    for name in ("binance", "kraken", "okx", "kucoin"):
        house.upstream.twists[name] = ever_the_same()
    house.sandbox.state.faults.set("coinbase", "500")

    *_, body = await move(house, 6)

    assert "stuck" not in {one["why"] for one in body["dropped"]}
