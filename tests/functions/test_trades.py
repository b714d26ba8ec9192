"""GET /api/trades/{symbol}."""

from typing import Any

from tests.house import NOW_MS, House, canned

TRADES = "/binance/api/v3/trades"


def row(number: int, at_ms: int, *, buyer_made: bool = False) -> dict[str, Any]:
    """A trade of two coins at 100."""
    return {"id": number, "time": at_ms, "price": "100", "qty": "2", "isBuyerMaker": buyer_made}


async def test_trades_are_the_takers_oldest_first() -> None:
    rows = [row(2, NOW_MS - 10, buyer_made=True), row(1, NOW_MS - 20)]
    async with House(upstream=canned({TRADES: rows})) as house:
        body = (await house.get("/api/trades/BTC")).json

    assert body["trades"] == [
        {"id": "1", "timestamp": NOW_MS - 20, "price": 100.0, "amount": 2.0, "side": "buy",
         "type": None},
        {"id": "2", "timestamp": NOW_MS - 10, "price": 100.0, "amount": 2.0, "side": "sell",
         "type": None},
    ]  # fmt: skip
    assert body["meta"]["missing"] == {"trades[].type": "binance does not state it"}


async def test_fifty_by_default_and_the_newest_of_them(house: House) -> None:
    fifty = (await house.get("/api/trades/BTC")).json["trades"]
    five = (await house.get("/api/trades/BTC?limit=5")).json["trades"]
    most = (await house.get("/api/trades/BTC?limit=500")).json["trades"]

    assert (len(fifty), len(five), len(most)) == (50, 5, 500)
    assert five == fifty[-5:] == most[-5:]
    assert house.calls == 1


async def test_since_leaves_out_what_came_before(house: House) -> None:
    whole = (await house.get("/api/trades/BTC?limit=500")).json["trades"]
    since = whole[-3]["timestamp"]

    rows = (await house.get(f"/api/trades/BTC?since={since}")).json["trades"]

    assert rows == [one for one in whole if one["timestamp"] >= since]


async def test_trades_since_then_that_are_not_shown_are_told(house: House) -> None:
    whole = (await house.get("/api/trades/BTC?limit=500")).json["trades"]
    since = whole[-9]["timestamp"]

    told = (await house.get(f"/api/trades/BTC?limit=2&since={since}")).json

    assert told["trades"] == whole[-2:]
    assert told["meta"]["missing"]["trades[]"] == "7 older ones since then are over the limit"


async def test_a_time_before_the_oldest_trade_that_is_known_is_told(house: House) -> None:
    told = (await house.get("/api/trades/BTC?limit=500&since=1")).json

    assert len(told["trades"]) == 500
    assert "binance gives no trades before" in told["meta"]["missing"]["trades[]"]


async def test_nothing_since_is_an_empty_list(house: House) -> None:
    answer = await house.get(f"/api/trades/BTC?since={NOW_MS + 1}")

    assert (answer.status, answer.json["trades"]) == (200, [])
