"""GET /api/market: what a row says, in which money, and what it lacks."""

import pytest

from tests.functions.market.table import UPSTREAM, ask
from tests.functions.upstream import RATES
from tests.house import NOW_MS, House, canned


async def test_a_row_is_slow_facts_under_a_venues_price() -> None:
    row = (await ask("/api/market"))["items"][0]

    assert row == {
        "id": "bitcoin",
        "symbol": "BTC",
        "name": "Bitcoin",
        "rank": 1,
        "price": 101.0,  # the venue's
        "change_24h": 10.0,
        "change_7d": 7.5,
        "change_1h": 0.1,
        "volume_24h": 2_000_000.0,  # the aggregator's
        "market_cap": 1010.0,  # ten coins at the venue's price
        "circulating_supply": 10.0,
        "total_supply": 20.0,
        "max_supply": 21.0,
        "ath": 200.0,
        "ath_date": "2025-10-06T18:57:42Z",
        "atl": 50.0,
        "atl_date": "2013-07-06T00:00:00Z",
        "high_24h": 151.5,
        "low_24h": 50.5,
        "image": "https://example.org/bitcoin.png",
        "last_updated": "2025-11-24T16:02:02Z",
        "volume24h": 2_000_000.0,
        "change24h": 10.0,
        "changePercent24h": 10.0,
    }


async def test_the_same_rows_stand_under_data() -> None:
    body = await ask("/api/market")

    assert body["data"] == body["items"]


async def test_totals_stand_at_the_top() -> None:
    body = await ask("/api/market")

    assert body["total_market_cap"] == 3e12
    assert body["total_volume"] == body["total_volume_24h"] == 2e11
    assert (body["btc_dominance"], body["eth_dominance"]) == (55.0, 12.0)
    assert body["active_coins"] == body["active_cryptocurrencies"] == 17000
    assert body["market_cap_change_percentage_24h"] == -1.25


async def test_the_reply_is_dated_by_the_prices() -> None:
    body = await ask("/api/market")

    assert body["timestamp"] == NOW_MS - 300 == body["meta"]["as_of"]
    assert body["last_updated"] == "2025-11-24T16:02:02Z"
    assert body["meta"]["source"] == "coingecko,binance"
    assert body["meta"]["volume_scope"] == "global"


async def test_a_venues_price_of_another_coin_is_not_taken() -> None:
    # ABC trades at 5 there; the aggregator's first ABC is worth 9, its second 5
    rows = [row for row in (await ask("/api/market"))["items"] if row["symbol"] == "ABC"]

    assert [(row["id"], row["price"]) for row in rows] == [("abacus", 9.0), ("abc-again", 5.0)]
    assert rows[1]["change_24h"] == -1.5


async def test_money_is_converted_and_the_rate_has_a_source() -> None:
    body = await ask("/api/market?currency=eur&limit=1")

    # a dollar is 0.9 euros
    row = body["items"][0]
    assert row["price"] == pytest.approx(90.9)
    assert row["market_cap"] == pytest.approx(909.0)
    assert row["volume_24h"] == pytest.approx(1_800_000.0)
    assert (row["ath"], row["atl"]) == (pytest.approx(180.0), pytest.approx(45.0))
    assert (row["circulating_supply"], row["change_7d"]) == (10.0, 7.5)
    assert body["total_market_cap"] == pytest.approx(2.7e12)
    assert body["meta"]["rate_source"] == "coingecko"


async def test_without_a_rate_dollars_are_not_passed_off_as_euros() -> None:
    async with House(upstream=canned(UPSTREAM | {RATES: 500})) as house:
        answer = await house.get("/api/market?currency=eur")

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


async def test_a_row_without_a_fact_says_so() -> None:
    body = await ask("/api/market")

    assert body["items"][3]["max_supply"] is None
    assert body["meta"]["missing"]["items[].max_supply"]
    assert body["meta"]["missing"]["data[].max_supply"]
