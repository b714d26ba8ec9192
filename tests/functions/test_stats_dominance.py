"""GET /api/stats/dominance."""

from typing import Any

import pytest

from tests.functions.upstream import GLOBAL, MARKETS, listing, totals
from tests.house import House, canned


async def ask(upstream: Any) -> Any:
    """The body of an answer."""
    async with House(upstream=canned(upstream)) as house:
        answer = await house.get("/api/stats/dominance")
    assert answer.status == 200, answer
    return answer.json


async def test_shares_come_largest_first_with_all_others_last() -> None:
    body = await ask({GLOBAL: totals()})

    assert body["dominance"] == {
        "BTC": 55.0,
        "ETH": 12.0,
        "USDT": 6.0,
        "XRP": 4.0,
        "BNB": 3.0,
        "others": 20.0,
    }
    assert list(body["dominance"]) == ["BTC", "ETH", "USDT", "XRP", "BNB", "others"]


async def test_ten_are_named() -> None:
    shares = {f"c{n}": 5.0 for n in range(15)}

    body = await ask({GLOBAL: totals(market_cap_percentage=shares)})

    assert len(body["dominance"]) == 11
    assert body["dominance"]["others"] == 50.0


async def test_a_source_that_names_few_is_completed_from_the_market_table() -> None:
    few = totals(market_cap_percentage={"btc": 55.0, "eth": 12.0}, total_market_cap={"usd": 1000.0})
    rows = [listing(1, "bitcoin", "BTC", 99.0), listing(2, "solana", "SOL", 4.0)]

    body = await ask({GLOBAL: few, MARKETS: rows})

    # ten coins of Solana at 4 are 40 of 1000; Bitcoin keeps the share that was stated
    assert body["dominance"] == {"BTC": 55.0, "ETH": 12.0, "SOL": 4.0, "others": 29.0}


async def test_without_the_table_a_few_must_do_and_the_reply_says_so() -> None:
    few = totals(market_cap_percentage={"btc": 55.0})

    body = await ask({GLOBAL: few, MARKETS: 500})

    assert body["dominance"] == {"BTC": 55.0, "others": 45.0}
    assert body["meta"]["missing"]["dominance"].startswith("coingecko unavailable")


@pytest.mark.parametrize("down", [[], ["coingecko"], ["coingecko", "coinmarketcap"]])
async def test_the_shares_add_up_to_a_hundred(house: House, down: list[str]) -> None:
    for source in down:
        house.sandbox.state.faults.set(source, "500")

    shares = (await house.get("/api/stats/dominance")).json["dominance"]

    assert sum(shares.values()) == pytest.approx(100.0)
    assert shares["BTC"] > shares["ETH"] > 0
    assert len(shares) == 11
