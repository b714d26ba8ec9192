"""GET /api/market: who is asked, and who steps in."""

from tests.functions.market.table import UPSTREAM, ask
from tests.functions.upstream import GLOBAL
from tests.house import House


async def test_without_totals_the_table_still_answers() -> None:
    body = await ask("/api/market", UPSTREAM | {GLOBAL: 500})

    assert body["total_market_cap"] is None
    assert body["meta"]["missing"]["btc_dominance"].startswith("coingecko unavailable")
    assert body["meta"]["degraded"] is True


async def test_without_a_venue_prices_are_the_aggregators(house: House) -> None:
    for source in ("binance", "coinbase", "kraken", "okx", "kucoin"):
        house.sandbox.state.faults.set(source, "500")

    answer = await house.get("/api/market?limit=1")

    assert answer.status == 200
    assert answer.json["items"][0]["price"] > 0
    assert answer.json["meta"]["degraded"] is True
    assert answer.headers["x-source"] == "coingecko"


async def test_without_the_aggregator_fresh_prices_stand_over_kept_facts(house: House) -> None:
    first = (await house.get("/api/market?limit=1")).json["items"][0]
    for source in ("coingecko", "coinmarketcap", "coinpaprika"):
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(3601)

    answer = await house.get("/api/market?limit=1")

    row = answer.json["items"][0]
    price = (await house.get("/api/price/BTC")).json["price"]
    assert row["price"] == price != first["price"]
    assert (row["circulating_supply"], row["ath"]) == (first["circulating_supply"], first["ath"])
    assert answer.json["meta"]["degraded"] is True
    assert answer.headers["x-cache"] == "stale"


async def test_the_second_aggregator_steps_in(house: House) -> None:
    house.sandbox.state.faults.set("coingecko", "429")

    answer = await house.get("/api/market?limit=10")

    assert answer.headers["x-source"] == "coinmarketcap,binance"
    assert [row["rank"] for row in answer.json["items"]] == list(range(1, 11))


async def test_every_limit_and_order_shares_the_same_upstream_calls(house: House) -> None:
    await house.get("/api/market")
    calls = house.calls

    for query in ("limit=5", "sort=volume", "symbols=BTC,ETH", "limit=500&sort=price&order=asc"):
        assert (await house.get(f"/api/market?{query}")).status == 200

    assert house.calls == calls
