"""GET /api/market: which rows, how many, and in which order."""

import pytest

from tests.functions.market.table import UPSTREAM, ask, column
from tests.functions.upstream import MARKETS, listing
from tests.house import House


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


async def test_a_symbol_of_another_category_is_said_to_be_so(house: House) -> None:
    body = (await house.get("/api/market?category=meme&symbols=DOGE,BTC")).json

    assert column(body, "symbol") == ["DOGE"]
    assert body["meta"]["missing"]["items[BTC]"] == "not among the first 250 of the category meme"


async def test_asked_symbols_beyond_the_limit_are_named_as_missing() -> None:
    body = await ask("/api/market?symbols=BTC,ETH,USDT&limit=1")

    assert column(body, "symbol") == ["BTC"]
    assert body["meta"]["missing"]["items[ETH]"] == "beyond the limit of 1"
    assert body["meta"]["missing"]["items[USDT]"] == "beyond the limit of 1"


async def test_an_empty_list_of_symbols_is_all_of_them() -> None:
    assert len((await ask("/api/market?symbols="))["items"]) == 5


async def test_a_category_holds_only_its_own(house: House) -> None:
    whole = (await house.get("/api/market")).json["items"]
    meme = (await house.get("/api/market?category=meme")).json["items"]

    assert "DOGE" in [row["symbol"] for row in meme]
    assert "BTC" not in [row["symbol"] for row in meme]
    assert len(meme) < len(whole)
