"""GET /api/ticker/{symbol}."""

from tests.functions.upstream import TICKERS, ticker
from tests.house import NOW_MS, House, canned


async def test_a_ticker_is_what_the_venue_says() -> None:
    async with House(upstream=canned({TICKERS: [ticker("ETHUSDT", 3000.0)]})) as house:
        body = (await house.get("/api/ticker/eth")).json

    del body["meta"]
    assert body == {
        "success": True,
        "symbol": "ETH/USDT",
        "bid": 2999.0,
        "ask": 3001.0,
        "last": 3000.0,
        "volume": 3_000_000.0,
        "high": 4500.0,
        "low": 1500.0,
        "change_24h": 10.0,
        "base_volume": 1000.0,
        "timestamp": NOW_MS - 300,
    }


async def test_a_bid_of_zero_is_no_bid() -> None:
    row = ticker("ETHUSDT", 3000.0, bidPrice="0.00000000", askPrice="")
    async with House(upstream=canned({TICKERS: [row]})) as house:
        body = (await house.get("/api/ticker/ETH")).json

    assert (body["bid"], body["ask"]) == (None, None)
    assert {"bid", "ask"} <= set(body["meta"]["missing"])


async def test_a_last_price_of_zero_sends_us_to_the_next_source(house: House) -> None:
    house.sandbox.state.faults.set("binance", "zero")

    answer = await house.get("/api/ticker/BTC")

    assert answer.headers["x-source"] == "coinbase"
    assert answer.json["last"] > 0


async def test_another_dollar_than_asked_is_named() -> None:
    async with House(upstream=canned({TICKERS: [ticker("ETHUSDT", 3000.0)]})) as house:
        body = (await house.get("/api/ticker/ETH-USD")).json

    assert body["symbol"] == "ETH/USD"
    assert body["meta"]["quoted_in"] == "USDT"


async def test_price_and_ticker_are_one_value(house: House) -> None:
    price = (await house.get("/api/price/BTC")).json
    ticker_ = (await house.get("/api/ticker/BTC")).json

    assert (price["price"], price["timestamp"]) == (ticker_["last"], ticker_["timestamp"])
    assert price["meta"]["as_of"] == ticker_["meta"]["as_of"]
    assert house.calls == 1
