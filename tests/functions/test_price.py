"""GET /api/price/{symbol}."""

from typing import Any

from tests.functions.upstream import RATES, TICKERS, rates, ticker
from tests.house import NOW_MS, House, canned

WELL = canned(
    {
        TICKERS: [
            ticker("BTCUSDT", 50_000.0),
            ticker("BTCEUR", 44_000.0),
            ticker("SOLUSDT", 200.0),
        ],
        RATES: rates(usd=50_000, eur=45_000, jpy=7_500_000),
    }
)


async def ask(target: str, upstream: Any = WELL) -> Any:
    """The body of an answer."""
    async with House(upstream=upstream) as house:
        return (await house.get(target)).json


async def test_a_price_comes_with_its_last_day() -> None:
    body = await ask("/api/price/btc")

    del body["meta"]
    assert body == {
        "success": True,
        "symbol": "BTC",
        "price": 50_000.0,
        "change_24h": 10.0,
        "high_24h": 75_000.0,
        "low_24h": 25_000.0,
        "volume_24h": 50_000_000.0,
        "timestamp": NOW_MS - 300,
    }


async def test_a_dollar_price_says_in_which_dollars_it_is_quoted() -> None:
    assert (await ask("/api/price/BTC"))["meta"]["quoted_in"] == "USDT"
    assert (await ask("/api/price/BTC?convert=USDC"))["meta"]["quoted_in"] == "USDT"
    assert "quoted_in" not in (await ask("/api/price/BTC?convert=usdt"))["meta"]
    assert "quoted_in" not in (await ask("/api/price/BTC-USDT"))["meta"]


async def test_a_venue_that_quotes_the_currency_itself_is_believed() -> None:
    body = await ask("/api/price/BTC?convert=eur")

    assert (body["price"], body["high_24h"]) == (44_000.0, 66_000.0)
    assert body["meta"]["source"] == "binance"
    assert "rate_source" not in body["meta"]


async def test_another_currency_is_reached_over_the_dollar_and_its_rate() -> None:
    body = await ask("/api/price/SOL?convert=EUR")

    # a dollar is 0.9 euros: 200 dollars are 180 euros
    assert body["price"] == 180.0
    assert body["volume_24h"] == 180_000.0
    assert body["meta"]["source"] == "coingecko,binance"
    assert body["meta"]["rate_source"] == "coingecko"
    assert body["meta"]["quoted_in"] == "USDT"


async def test_a_day_in_dollars_is_never_labelled_as_one_in_euros() -> None:
    body = await ask("/api/price/SOL?convert=eur")

    assert (body["change_24h"], body["high_24h"], body["low_24h"]) == (None, None, None)
    assert body["meta"]["missing"]["high_24h"] == "known in USDT only"


async def test_the_quote_in_a_symbol_wins_over_convert() -> None:
    body = await ask("/api/price/BTC/EUR?convert=jpy")

    assert (body["symbol"], body["price"]) == ("BTC/EUR", 44_000.0)


async def test_without_rates_there_is_no_converted_price() -> None:
    only_dollars = canned({TICKERS: [ticker("SOLUSDT", 200.0)], RATES: 500})

    async with House(upstream=only_dollars) as house:
        answer = await house.get("/api/price/SOL?convert=eur")

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


async def test_an_unknown_currency_is_refused_and_the_known_ones_are_named() -> None:
    async with House(upstream=WELL) as house:
        answer = await house.get("/api/price/SOL?convert=xyz")

    [field] = answer.error["details"]["fields"]
    assert (field["field"], field["value"]) == ("convert", "xyz")
    assert field["accepted"] == "one of usd, eur, jpy"


async def test_the_day_may_be_left_out() -> None:
    body = await ask("/api/price/BTC?include_24h=0")

    assert body["price"] == 50_000.0
    assert [body[name] for name in ("change_24h", "high_24h", "low_24h", "volume_24h")] == [
        None
    ] * 4


async def test_what_the_venue_does_not_state_is_null_with_a_reason() -> None:
    bare = canned({TICKERS: [ticker("BTCUSDT", 5.0, highPrice="0", priceChangePercent="NaN")]})

    body = await ask("/api/price/BTC", bare)

    assert (body["high_24h"], body["change_24h"]) == (None, None)
    assert body["meta"]["missing"]["high_24h"] == "binance does not state it"


async def test_the_volume_is_the_venues_and_the_reply_says_so() -> None:
    assert (await ask("/api/price/BTC"))["meta"]["volume_scope"] == "binance"


async def test_an_aggregators_volume_is_global() -> None:
    async with House() as house:
        for source in ("binance", "coinbase", "kraken", "okx", "kucoin"):
            house.sandbox.state.faults.set(source, "500")
        body = (await house.get("/api/price/BTC")).json

    assert body["meta"]["source"] == "coingecko"
    assert body["meta"]["volume_scope"] == "global"


async def test_many_prices_cost_one_call(house: House) -> None:
    for symbol in ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA"):
        assert (await house.get(f"/api/price/{symbol}")).status == 200

    assert house.calls == 1


async def test_the_source_before_it_failed_and_the_reply_says_how() -> None:
    async with House(faults={"binance": "451"}) as house:
        meta = (await house.get("/api/price/BTC")).json["meta"]

    assert meta["source"] == "coinbase"
    assert meta["degraded"] is True
    assert [(a["source"], a["outcome"]) for a in meta["sources_tried"]] == [
        ("binance", "geo_blocked"),
        ("coinbase", "ok"),
    ]
