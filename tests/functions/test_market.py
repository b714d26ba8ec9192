"""GET /api/market."""

from typing import Any

import pytest

from tests.functions.upstream import GLOBAL, MARKETS, RATES, TICKERS, listing, rates, ticker, totals
from tests.house import NOW_MS, House, canned

UPSTREAM = {
    TICKERS: [ticker("BTCUSDT", 101.0), ticker("ETHUSDT", 52.0), ticker("ABCUSDT", 5.0)],
    MARKETS: [
        listing(1, "bitcoin", "BTC", 100.0, price_change_percentage_24h=3),
        listing(2, "ethereum", "ETH", 50.0, total_volume=9_000_000),
        listing(3, "tether", "USDT", 1.0),
        listing(4, "abacus", "ABC", 9.0, max_supply=None),
        listing(5, "abc-again", "ABC", 5.0, market_cap_rank=None),
    ],
    GLOBAL: totals(),
    RATES: rates(usd=100, eur=90),
}


async def ask(target: str, upstream: Any = None) -> Any:
    """The body of an answer."""
    async with House(upstream=canned(upstream or UPSTREAM)) as house:
        answer = await house.get(target)
    assert answer.status == 200, answer
    return answer.json


def column(body: Any, name: str) -> list[Any]:
    """One field of every row."""
    return [row[name] for row in body["items"]]


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


async def test_the_limit_counts_rows() -> None:
    assert len((await ask("/api/market?limit=2"))["items"]) == 2


@pytest.mark.parametrize(
    ("query", "symbols"),
    [
        ("sort=rank", ["BTC", "ETH", "USDT", "ABC", "ABC"]),
        ("sort=rank&order=asc", ["BTC", "ETH", "USDT", "ABC", "ABC"]),
        ("order=desc", ["BTC", "ETH", "USDT", "ABC", "ABC"]),
        ("sort=price", ["BTC", "ETH", "ABC", "ABC", "USDT"]),
        ("sort=price&order=desc", ["BTC", "ETH", "ABC", "ABC", "USDT"]),
        ("sort=price&order=asc", ["USDT", "ABC", "ABC", "ETH", "BTC"]),
        ("sort=market_cap&order=desc", ["BTC", "ETH", "ABC", "ABC", "USDT"]),
        ("sort=market_cap&order=asc&limit=1", ["USDT"]),
        ("sort=volume&limit=1", ["ETH"]),
        ("sort=PRICE&order=ASC&limit=1", ["USDT"]),
    ],
)
async def test_rows_are_sorted_as_asked(query: str, symbols: list[str]) -> None:
    assert column(await ask(f"/api/market?{query}"), "symbol") == symbols


async def test_by_price_change_the_largest_rise_comes_first() -> None:
    body = await ask("/api/market?sort=price_change")

    changes = column(body, "change_24h")
    assert changes == sorted(changes, reverse=True)


async def test_what_lacks_the_value_comes_last_in_either_direction() -> None:
    upstream = UPSTREAM | {
        MARKETS: [
            listing(1, "bitcoin", "BTC", 100.0),
            listing(2, "odd", "ODD", 3.0, total_volume=None),
            listing(3, "last", "LST", 2.0),
        ]
    }

    for order in ("asc", "desc"):
        body = await ask(f"/api/market?sort=volume&order={order}", upstream)

        assert column(body, "symbol")[-1] == "ODD"


async def test_symbols_choose_rows_in_any_spelling() -> None:
    body = await ask("/api/market?symbols=eth,BTCUSDT,%20USDT%20")

    assert column(body, "symbol") == ["BTC", "ETH", "USDT"]


async def test_of_several_coins_with_one_ticker_the_best_ranked_is_meant() -> None:
    body = await ask("/api/market?symbols=ABC")

    assert column(body, "id") == ["abacus"]


async def test_a_symbol_that_is_not_in_the_table_is_named_as_missing() -> None:
    body = await ask("/api/market?symbols=BTC,NOSUCH")

    assert column(body, "symbol") == ["BTC"]
    assert body["meta"]["missing"]["items[NOSUCH]"] == "not among the first 500 by market cap"


async def test_an_empty_list_of_symbols_is_all_of_them() -> None:
    assert len((await ask("/api/market?symbols="))["items"]) == 5


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


async def test_a_category_holds_only_its_own(house: House) -> None:
    whole = (await house.get("/api/market")).json["items"]
    meme = (await house.get("/api/market?category=meme")).json["items"]

    assert "DOGE" in [row["symbol"] for row in meme]
    assert "BTC" not in [row["symbol"] for row in meme]
    assert len(meme) < len(whole)


async def test_every_limit_and_order_shares_the_same_upstream_calls(house: House) -> None:
    await house.get("/api/market")
    calls = house.calls

    for query in ("limit=5", "sort=volume", "symbols=BTC,ETH", "limit=500&sort=price&order=asc"):
        assert (await house.get(f"/api/market?{query}")).status == 200

    assert house.calls == calls
