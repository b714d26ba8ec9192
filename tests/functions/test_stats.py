"""GET /api/stats."""

from typing import Any

from functions.stats import LEAST_VOLUME
from tests.functions.upstream import DEFI, GLOBAL, MARKETS, listing, totals
from tests.house import NOW_MS, House, canned


def moved(rank: int, symbol: str, change: float | None, volume: float = 1e6) -> dict[str, Any]:
    """A coin that rose or fell."""
    return listing(
        rank, symbol.lower(), symbol, 5.0, price_change_percentage_24h=change, total_volume=volume
    )


UPSTREAM = {
    GLOBAL: totals(),
    DEFI: {"data": {"defi_market_cap": "1", "defi_dominance": "3.5"}},
    MARKETS: [
        moved(1, "UPA", 5.0),
        moved(2, "UPB", 25.0),
        moved(3, "DOWNA", -5.0),
        moved(4, "DOWNB", -25.0),
        moved(5, "FLAT", 0.0),
        moved(6, "THIN", 900.0, LEAST_VOLUME - 1),
        moved(7, "USDT", 99.0),
        moved(8, "UNKNOWN", None),
    ],
}


async def ask(upstream: Any = None) -> Any:
    """The body of an answer."""
    async with House(upstream=canned(upstream or UPSTREAM)) as house:
        answer = await house.get("/api/stats")
    assert answer.status == 200, answer
    return answer.json


async def test_totals_are_the_sources() -> None:
    body = await ask()

    assert body["timestamp"] == NOW_MS // 1000 * 1000 - 60_000
    assert body["global"] == {
        "total_market_cap": 3e12,
        "total_volume_24h": 2e11,
        "bitcoin_dominance": 55.0,
        "ethereum_dominance": 12.0,
        "defi_dominance": 3.5,
        "market_cap_change_24h": -1.25,
        "volume_change_24h": 4.5,
        "active_cryptocurrencies": 17000,
        "active_markets": None,
        "active_exchanges": 1400,
    }


async def test_the_camel_case_repeats_the_totals() -> None:
    body = await ask()

    assert body["totalMarketCap"] == body["global"]["total_market_cap"]
    assert body["totalVolume24h"] == body["global"]["total_volume_24h"]
    assert body["btcDominance"] == body["global"]["bitcoin_dominance"]
    assert body["activeCoins"] == body["global"]["active_cryptocurrencies"]
    assert body["total_providers"] > 5


async def test_gainers_rose_and_losers_fell_the_largest_move_first() -> None:
    body = await ask()

    assert [row["symbol"] for row in body["top_gainers"]] == ["UPB", "UPA"]
    assert [row["symbol"] for row in body["top_losers"]] == ["DOWNB", "DOWNA"]
    assert body["top_gainers"][0] == {
        "symbol": "UPB",
        "name": "Upb",
        "change_24h": 25.0,
        "volume_24h": 1_000_000.0,
        "price": 5.0,
    }


async def test_ten_movers_are_enough(house: House) -> None:
    body = (await house.get("/api/stats")).json

    assert len(body["top_gainers"]) <= 10
    assert len(body["top_losers"]) == 10


async def test_without_the_table_there_are_no_movers_and_the_reply_says_why() -> None:
    body = await ask(UPSTREAM | {MARKETS: 500})

    assert (body["top_gainers"], body["top_losers"]) == (None, None)
    assert body["meta"]["missing"]["top_losers"].startswith("coingecko unavailable")
    assert body["meta"]["degraded"] is True
    assert body["global"]["total_market_cap"] == 3e12


async def test_a_quiet_day_has_no_movers_but_lists_that_are_empty() -> None:
    body = await ask(UPSTREAM | {MARKETS: [moved(1, "FLAT", 0.0)]})

    assert (body["top_gainers"], body["top_losers"]) == ([], [])


async def test_what_the_source_does_not_state_is_null_with_a_reason() -> None:
    bare = totals(active_cryptocurrencies=None, market_cap_percentage={"eth": 12.0})
    body = await ask(UPSTREAM | {GLOBAL: bare})

    assert (body["btcDominance"], body["activeCoins"]) == (None, None)
    assert {"btcDominance", "activeCoins", "global.bitcoin_dominance"} <= set(
        body["meta"]["missing"]
    )


async def test_the_next_source_knows_totals_too(house: House) -> None:
    house.sandbox.state.faults.set("coingecko", "429")

    answer = await house.get("/api/stats")

    assert "coinmarketcap" in answer.headers["x-source"]
    assert answer.json["global"]["total_market_cap"] > 1e11
