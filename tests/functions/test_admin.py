"""POST /api/admin/*."""

from hashlib import sha256
from typing import Any

import pytest

from tests.house import Answer, House

KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}


async def act(house: House, what: str, body: Any) -> Answer:
    """Send an operator's order."""
    return await house.post(f"/api/admin/{what}", body, authorization=f"Bearer {KEY}")


@pytest.mark.parametrize("what", ["cache/purge", "sources", "faults"])
async def test_only_a_known_key_may_act(what: str) -> None:
    async with House(settings=KEYS) as house:
        none = await house.post(f"/api/admin/{what}", {})
        unknown = await house.post(f"/api/admin/{what}", {}, x_api_key="nobody")

    assert (none.status, unknown.status) == (401, 403)


async def test_an_order_is_refused_before_its_body_is_read() -> None:
    async with House(settings=KEYS) as house:
        answer = await house.ask("POST", "/api/admin/sources", body=b"x" * 70_000)

    assert answer.status == 401


# purge


async def test_after_a_purge_the_next_request_asks_upstream() -> None:
    async with House(settings=KEYS) as house:
        await house.get("/api/price/BTC")
        await house.get("/api/orderbook/BTC")
        purged = await act(house, "cache/purge", {})
        calls = house.calls
        house.clock.advance(1)
        price = await house.get("/api/price/BTC")

    assert purged.json["purged"] >= 2
    assert price.headers["x-cache"] == "miss"
    assert house.calls == calls + 1


async def test_a_purge_may_mean_one_feed_only() -> None:
    async with House(settings=KEYS) as house:
        await house.get("/api/price/BTC")
        await house.get("/api/orderbook/BTC")
        await act(house, "cache/purge", {"feed": "books"})
        calls = house.calls
        await house.get("/api/price/BTC")
        await house.get("/api/orderbook/BTC")

    assert house.calls == calls + 1


async def test_an_empty_body_purges_everything() -> None:
    async with House(settings=KEYS) as house:
        await house.get("/api/price/BTC")
        answer = await house.ask("POST", "/api/admin/cache/purge", {"x-api-key": KEY})

    assert answer.json["purged"] >= 1


async def test_what_is_no_feed_name_is_refused() -> None:
    async with House(settings=KEYS) as house:
        answer = await act(house, "cache/purge", {"feed": "../../*"})

    assert answer.status == 400


# sources


async def test_a_source_that_is_switched_off_is_not_asked() -> None:
    async with House(settings=KEYS) as house:
        off = await act(house, "sources", {"source": "binance", "enabled": False})
        answer = await house.get("/api/price/BTC")

    assert off.json == {
        "success": True,
        "source": "binance",
        "enabled": False,
        "status": "offline",
    }
    assert answer.headers["x-source"] == "coinbase"
    assert answer.json["meta"]["sources_tried"][0]["outcome"] == "circuit_open"


async def test_switching_a_source_on_forgets_its_pauses() -> None:
    async with House(settings=KEYS, faults={"binance": "451"}) as house:
        await house.get("/api/price/BTC")
        house.sandbox.state.faults.clear()
        await act(house, "cache/purge", {})
        on = await act(house, "sources", {"source": "binance", "enabled": True})
        answer = await house.get("/api/price/BTC")

    assert on.json["status"] in ("online", "degraded")
    assert answer.headers["x-source"] == "binance"


async def test_a_source_that_does_not_exist_is_refused_naming_those_that_do() -> None:
    async with House(settings=KEYS) as house:
        answer = await act(house, "sources", {"source": "mtgox", "enabled": True})

    [field] = answer.error["details"]["fields"]
    assert (field["field"], field["value"]) == ("source", "mtgox")
    assert "binance" in field["accepted"]


@pytest.mark.parametrize("body", [{}, {"source": "binance"}, {"source": "binance", "enabled": "?"}])
async def test_half_an_order_is_refused(body: Any) -> None:
    async with House(settings=KEYS) as house:
        answer = await act(house, "sources", body)

    assert answer.status == 400


# faults


async def test_outside_the_sandbox_there_are_no_faults_to_set() -> None:
    async with House(settings=KEYS) as house:
        answer = await act(house, "faults", {"binance": "451"})

    assert (answer.status, answer.error["code"]) == (404, "NOT_FOUND")


class Switches:
    """The sandbox's faults, remembered."""

    def __init__(self) -> None:
        self.wanted: dict[str, str] = {}

    def __call__(self, wanted: Any) -> Any:
        if "mtgox" in wanted:
            raise ValueError("no source 'mtgox' in the sandbox; there are: binance")
        self.wanted |= wanted
        return {source: fault for source, fault in self.wanted.items() if fault}


async def test_in_the_sandbox_faults_begin_and_end() -> None:
    switches = Switches()
    async with House(settings=KEYS, set_faults=switches) as house:
        begun = await act(house, "faults", {"binance": "451", "kraken": "hang", "okx": 500})
        ended = await act(house, "faults", {"binance": "", "kraken": None})

    assert begun.json["faults"] == {"binance": "451", "kraken": "hang", "okx": "500"}
    assert ended.json["faults"] == {"okx": "500"}


async def test_a_fault_of_a_source_that_does_not_exist_is_refused() -> None:
    async with House(settings=KEYS, set_faults=Switches()) as house:
        answer = await act(house, "faults", {"mtgox": "451"})

    assert answer.status == 400
    assert "there are: binance" in answer.error["message"]
