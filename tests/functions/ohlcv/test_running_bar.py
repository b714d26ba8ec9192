"""GET /api/ohlcv: the running bar closes at the price that everybody else is told."""

import pytest

from tests.functions.ohlcv.hours import BTC, CANNED, LAST_MS
from tests.functions.upstream import TICKERS, ticker
from tests.house import NOW_MS, House, canned


async def test_the_running_bar_closes_at_the_tickers_price() -> None:
    async with House(upstream=canned(CANNED)) as house:
        await house.get("/api/price/BTC")
        answer = await house.get(f"{BTC}&timeframe=1h")

    # the bar said 105, the ticker 107; the bar's high of 115 covers it
    running = answer.json["data"][-1]
    assert (running["c"], running["h"], running["l"]) == (107.0, 115.0, 90.0)


async def test_a_price_beyond_the_bars_range_widens_it() -> None:
    far = CANNED | {TICKERS: [ticker("BTCUSDT", 200.0)]}
    async with House(upstream=canned(far)) as house:
        await house.get("/api/price/BTC")
        running = (await house.get(f"{BTC}&timeframe=1h")).json["data"][-1]

    assert (running["c"], running["h"], running["l"]) == (200.0, 200.0, 90.0)


async def test_a_ticker_of_another_source_or_hour_is_left_alone() -> None:
    old = CANNED | {TICKERS: [ticker("BTCUSDT", 200.0, closeTime=LAST_MS - 1)]}
    async with House(upstream=canned(old)) as house:
        await house.get("/api/price/BTC")
        running = (await house.get(f"{BTC}&timeframe=1h")).json["data"][-1]

    assert running["c"] == 105.0


@pytest.mark.parametrize("symbol", ["BTC", "SOL", "PEPE"])
async def test_market_price_ticker_and_running_bar_agree(house: House, symbol: str) -> None:
    row = (await house.get(f"/api/market?symbols={symbol}")).json
    price = (await house.get(f"/api/price/{symbol}")).json
    ticker_ = (await house.get(f"/api/ticker/{symbol}")).json
    bars = (await house.get(f"/api/ohlcv?symbol={symbol}&timeframe=1m&limit=2")).json

    prices = [row["items"][0]["price"], price["price"], ticker_["last"], bars["data"][-1]["c"]]
    assert prices == [prices[0]] * 4
    assert {one["meta"]["as_of"] for one in (row, price, ticker_, bars)} == {NOW_MS}
    assert row["meta"]["source"].split(",")[-1] == price["meta"]["source"] == "binance"
