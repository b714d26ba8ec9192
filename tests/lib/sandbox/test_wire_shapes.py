"""Every answer has the fields, and the kinds of values, that the provider's own answers have."""

from typing import Any

import pytest

from tests.conftest import Corpus
from tests.lib.sandbox.conftest import Ask

GECKO_OPTIONAL = {"market_cap_rank_with_rehypothecated"}


def kinds(row: dict[str, Any]) -> dict[str, str]:
    return {
        key: "number" if isinstance(v, int | float) else type(v).__name__ for key, v in row.items()
    }


def first(body: Any, *path: str | int) -> Any:
    for step in path:
        # a star: the only, or first, value of an object
        body = next(iter(body.values())) if step == "*" else body[step]
    return body


@pytest.mark.parametrize(
    ("recording", "url", "params", "path"),
    [
        ("binance/ticker24hr_all_symbols", "/binance/api/v3/ticker/24hr", {}, (0,)),
        ("binance/trades", "/binance/api/v3/trades", {"symbol": "BTCUSDT"}, (0,)),
        ("binance/depth_NKNUSDT", "/binance/api/v3/depth", {"symbol": "BTCUSDT"}, ()),
        ("binance/exchangeInfo_full", "/binance/api/v3/exchangeInfo", {}, ()),
        ("binance/exchangeInfo_full", "/binance/api/v3/exchangeInfo", {}, ("symbols", 0)),
        ("kraken/ticker", "/kraken/0/public/Ticker", {"pair": "BCHUSD"}, ("result", "*")),
        ("kraken/depth", "/kraken/0/public/Depth", {"pair": "BCHUSD"}, ("result", "*")),
        ("kraken/assetPairs", "/kraken/0/public/AssetPairs", {}, ("result", "*")),
        ("kucoin/sdk2024_allTickers", "/kucoin/api/v1/market/allTickers", {}, ("data",)),
        (
            "kucoin/sdk2024_allTickers",
            "/kucoin/api/v1/market/allTickers",
            {},
            ("data", "ticker", 0),
        ),
        ("kucoin/sdk2024_stats", "/kucoin/api/v1/market/stats", {"symbol": "BTC-USDT"}, ("data",)),
        ("kucoin/sdk2024_symbols", "/kucoin/api/v2/symbols", {}, ("data", 0)),
        (
            "kucoin/sdk2024_trade_histories",
            "/kucoin/api/v1/market/histories",
            {"symbol": "BTC-USDT"},
            ("data", 0),
        ),
        (
            "kucoin/doc_GetAggregatedPartialOrderBook",
            "/kucoin/api/v1/market/orderbook/level2_20",
            {"symbol": "BTC-USDT"},
            ("data",),
        ),
        (
            "okx/instruments_spot",
            "/okx/api/v5/public/instruments",
            {"instType": "SPOT"},
            ("data", 0),
        ),
        ("okx/doc_GetTicker", "/okx/api/v5/market/ticker", {"instId": "BTC-USDT"}, ("data", 0)),
        ("okx/doc_GetOrderBook", "/okx/api/v5/market/books", {"instId": "BTC-USDT"}, ("data", 0)),
        ("coinbase/products", "/coinbase/products", {}, (0,)),
        ("coinbase/ticker", "/coinbase/products/BTC-USD/ticker", {}, ()),
        ("coinbase/book", "/coinbase/products/BTC-USD/book", {"level": 2}, ()),
        ("coingecko/coins_markets_usd", "/coingecko/coins/markets", {"vs_currency": "usd"}, (0,)),
        ("coingecko/coins_list", "/coingecko/coins/list", {}, (0,)),
        ("coingecko/doc_global", "/coingecko/global", {}, ("data",)),
        (
            "coingecko/global_defi",
            "/coingecko/global/decentralized_finance_defi",
            {},
            ("data",),
        ),
        ("coingecko/search_trending", "/coingecko/search/trending", {}, ("coins", 0, "item")),
        (
            "coingecko/market_chart_hourly",
            "/coingecko/coins/bitcoin/market_chart",
            {"vs_currency": "usd", "days": 30},
            (),
        ),
        (
            "coinmarketcap/listings_latest_2021_100",
            "/coinmarketcap/v1/cryptocurrency/listings/latest",
            {},
            ("data", 0),
        ),
        (
            "coinmarketcap/listings_latest_2021_100",
            "/coinmarketcap/v1/cryptocurrency/listings/latest",
            {},
            ("data", 0, "quote", "USD"),
        ),
        (
            "coinmarketcap/global_metrics_latest_2025",
            "/coinmarketcap/v1/global-metrics/quotes/latest",
            {"convert_id": 2781},
            ("data",),
        ),
        (
            "coinmarketcap/global_metrics_latest_2025",
            "/coinmarketcap/v1/global-metrics/quotes/latest",
            {"convert_id": 2781},
            ("data", "quote", "2781"),
        ),
        (
            "coinmarketcap/fear_and_greed_latest_2025",
            "/coinmarketcap/v3/fear-and-greed/latest",
            {},
            ("data",),
        ),
        (
            "coinmarketcap/fear_and_greed_latest_2025",
            "/coinmarketcap/v3/fear-and-greed/latest",
            {},
            ("status",),
        ),
    ],
)
def test_an_answer_has_every_recorded_field_in_its_kind(
    corpus: Corpus,
    ask: Ask,
    recording: str,
    url: str,
    params: dict[str, Any],
    path: tuple[str | int, ...],
) -> None:
    recorded = kinds(first(corpus.recording(recording)["body"], *path))

    played = kinds(first(ask(url, **params), *path))

    assert {key: played.get(key) for key in recorded} == recorded


@pytest.mark.parametrize(
    ("recording", "url", "params", "path"),
    [
        (
            "binance/klines_BTCUSDT_1d_page1",
            "/binance/api/v3/klines",
            {"symbol": "BTCUSDT", "interval": "1d"},
            (0,),
        ),
        (
            "kucoin/sdk2024_klines",
            "/kucoin/api/v1/market/candles",
            {"symbol": "BTC-USDT", "type": "1min"},
            ("data", 0),
        ),
        ("okx/doc_GetKlines", "/okx/api/v5/market/candles", {"instId": "BTC-USDT"}, ("data", 0)),
        (
            "okx/doc_GetOrderBook",
            "/okx/api/v5/market/books",
            {"instId": "BTC-USDT"},
            ("data", 0, "asks", 0),
        ),
        ("kraken/depth", "/kraken/0/public/Depth", {"pair": "BCHUSD"}, ("result", "*", "asks", 0)),
        ("coinbase/book", "/coinbase/products/BTC-USD/book", {"level": 2}, ("asks", 0)),
        (
            "coingecko/ohlc_7d",
            "/coingecko/coins/bitcoin/ohlc",
            {"vs_currency": "usd", "days": 7},
            (0,),
        ),
    ],
)
def test_a_row_has_the_recorded_columns(
    corpus: Corpus,
    ask: Ask,
    recording: str,
    url: str,
    params: dict[str, Any],
    path: tuple[str | int, ...],
) -> None:
    recorded = first(corpus.recording(recording)["body"], *path)

    played = first(ask(url, **params), *path)

    assert [isinstance(v, str) for v in played] == [isinstance(v, str) for v in recorded]


@pytest.mark.parametrize(
    ("recording", "url", "params"),
    [
        ("binance/error_invalid_symbol", "/binance/api/v3/depth", {"symbol": "NOPE"}),
        (
            "binance/error_bad_interval",
            "/binance/api/v3/klines",
            {"symbol": "BTCUSDT", "interval": "7m"},
        ),
        ("kucoin/error_symbol_not_exist", "/kucoin/api/v1/market/stats", {"symbol": "NO-PE"}),
    ],
)
def test_a_refusal_is_the_recorded_one(
    corpus: Corpus, ask: Ask, recording: str, url: str, params: dict[str, Any]
) -> None:
    assert ask(url, **params) == corpus.recording(recording)["body"]


def test_every_venue_refuses_a_pair_in_its_own_words(ask: Ask) -> None:
    assert ask("/okx/api/v5/market/books", instId="NO-PE")["code"] == "51001"
    assert ask("/kraken/0/public/Depth", pair="NOPE") == {"error": ["EQuery:Unknown asset pair"]}
    assert ask("/coinbase/products/NO-PE/book") == {"message": "NotFound"}
    assert ask("/coingecko/coins/nope/ohlc", vs_currency="usd", days=1) == {
        "error": "coin not found"
    }


def test_renamed_coins_stay_in_the_lists_without_a_price(ask: Ask) -> None:
    rows = {row["symbol"]: row for row in ask("/binance/api/v3/ticker/24hr")}
    states = {r["symbol"]: r["status"] for r in ask("/binance/api/v3/exchangeInfo")["symbols"]}

    assert float(rows["MATICUSDT"]["lastPrice"]) == 0
    assert (states["MATICUSDT"], states["POLUSDT"]) == ("BREAK", "TRADING")
    assert all(float(row["lastPrice"]) > 0 for name, row in rows.items() if states[name] != "BREAK")


def test_a_symbol_may_mean_two_coins_of_different_rank(ask: Ask) -> None:
    rows = ask("/coingecko/coins/markets", vs_currency="usd", per_page=250)

    assert len(rows) >= 80
    assert [row["market_cap_rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["id"] for row in rows if row["symbol"] == "uni"] == ["uniswap", "unicorn-token"]


def test_no_coin_has_more_coins_than_it_can_have(ask: Ask) -> None:
    for row in ask("/coingecko/coins/markets", vs_currency="usd", per_page=250):
        assert row["circulating_supply"] <= row["total_supply"]
        assert row["max_supply"] is None or row["total_supply"] <= row["max_supply"]
        assert row["atl"] < row["low_24h"] <= row["current_price"] <= row["high_24h"] < row["ath"]


@pytest.mark.parametrize(
    ("category", "coin"),
    [
        ("decentralized-finance-defi", "aave"),
        ("non-fungible-tokens-nft", "apecoin"),
        ("meme-token", "dogecoin"),
    ],
)
def test_a_category_holds_its_coins_only(ask: Ask, category: str, coin: str) -> None:
    rows = ask("/coingecko/coins/markets", vs_currency="usd", category=category)

    ids = {row["id"] for row in rows}
    assert coin in ids
    assert "bitcoin" not in ids
