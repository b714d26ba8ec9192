"""CoinGecko's lists, read: coins, trends, other money."""

import json

import pytest

from lib.errors import SourceMalformed
from lib.market import Coin, Rates, Trend
from lib.wire.coingecko_coins import parse_coins, parse_rates, parse_trends
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS, payload
from tests.lib.wire.coingecko.answers import TRENDING, body


def test_the_recorded_list_of_coins_is_read_in_its_order(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/coins_list")["body"]

    coins = parse_coins(corpus.body("coingecko/coins_list"), NOW_MS)

    kept = [row for row in raw if row["id"].strip() and row["symbol"].strip()]
    assert len(kept) > 7000
    assert [row.id for row in coins.rows] == [row["id"].strip() for row in kept]
    assert [row.symbol for row in coins.rows] == [row["symbol"].strip().upper() for row in kept]
    assert coins.rows[0] == Coin("01coin", "ZOC", "01coin")


def test_recorded_trends_come_most_wanted_first(corpus: Corpus) -> None:
    raw = [
        entry["item"] for entry in corpus.recording("coingecko/search_trending")["body"]["coins"]
    ]

    trends = parse_trends(corpus.body("coingecko/search_trending"), NOW_MS)

    assert trends.rows == tuple(
        Trend(
            item["id"],
            item["symbol"].upper(),
            item["name"],
            item["market_cap_rank"],
            item["score"],
            item["large"],
        )
        for item in raw
    )
    assert [row.score for row in trends.rows] == list(range(7))


def test_rates_are_turned_from_bitcoins_into_dollars() -> None:
    rates = parse_rates(payload("coingecko/exchange_rates"), NOW_MS)

    assert rates == Rates({"USD": 1.0, "EUR": 0.875, "JPY": 150.0}, NOW_MS)


def test_rates_without_the_dollar_are_refused() -> None:
    with pytest.raises(SourceMalformed):
        parse_rates(body({"rates": {"eur": {"value": 70000.0, "type": "fiat"}}}), NOW_MS)


@pytest.mark.parametrize("code", ["gbp\x00", "gbp\n", "\u00e4\u00f6", "", "a" * 11])
def test_a_currency_by_a_name_that_is_none_is_left_out(code: str) -> None:
    rates = {"usd": {"value": 50_000, "type": "fiat"}, code: {"value": 2, "type": "fiat"}}

    assert parse_rates(json.dumps({"rates": rates}).encode(), NOW_MS).per_usd == {"USD": 1.0}


@pytest.mark.parametrize("wrong", [{}, {"item": None}, {"item": {"id": 7}}, None])
def test_one_absurd_trend_costs_only_itself(wrong: object) -> None:
    coins = [wrong, *TRENDING["coins"]]

    assert [row.id for row in parse_trends(body({"coins": coins}), NOW_MS).rows] == ["a", "b"]
