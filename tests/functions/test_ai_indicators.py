"""GET /api/ai/indicators/{symbol}."""

import pytest

from functions.ai_indicators import endpoints
from tests.functions.upstream import BARS
from tests.functions.walks import LAST_MS, walk, wire
from tests.house import House, canned

PATH = "/api/ai/indicators/BTC"


async def test_averages_are_those_of_the_closed_candles() -> None:
    candles = walk(300)
    async with House(upstream=canned({BARS: wire(candles)}), endpoints=endpoints) as house:
        body = (await house.get(PATH)).json

    closes = [bar.close for bar in candles]
    assert body["indicators"]["sma_20"] == pytest.approx(sum(closes[-20:]) / 20, rel=1e-12)
    assert (body["price"], body["timestamp"]) == (closes[-1], LAST_MS)


async def test_levels_are_on_their_side_of_the_price_nearest_first(house: House) -> None:
    body = (await house.get(f"{PATH}?timeframe=4h")).json

    below = [level["price"] for level in body["support_levels"]]
    above = [level["price"] for level in body["resistance_levels"]]
    assert below == sorted(below, reverse=True)
    assert above == sorted(above)
    assert all(price < body["price"] for price in below)
    assert all(price > body["price"] for price in above)


async def test_an_average_of_more_bars_than_there_are_is_null_with_the_reason() -> None:
    async with House(upstream=canned({BARS: wire(walk(120))}), endpoints=endpoints) as house:
        body = (await house.get(PATH)).json

    assert body["indicators"]["sma_200"] is None
    assert "indicators.sma_200" in body["meta"]["missing"]


async def test_a_market_that_stands_still_gives_no_made_up_number() -> None:
    still = tuple(
        type(bar)(bar.open_ms, 5.0, 5.0, 5.0, 5.0, 1.0, True, False, 5.0) for bar in walk(120)
    )
    async with House(upstream=canned({BARS: wire(still)}), endpoints=endpoints) as house:
        body = (await house.get(PATH)).json

    assert body["indicators"]["rsi"] is None
    assert body["support_levels"] == body["resistance_levels"] == []
