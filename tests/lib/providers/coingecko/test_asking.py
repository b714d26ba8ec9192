"""CoinGecko asked for totals, histories, bars and lists."""

import json
from typing import Any

import httpx
import pytest

from lib.errors import SourceUnsupported
from lib.market import Pair
from lib.providers.coingecko import CoinGecko
from lib.queries import CandleQuery, Everything, RangeQuery
from tests.lib.providers.aggregator import NOW_MS, payload, provider
from tests.lib.providers.coingecko.routes import routes
from tests.lib.wire.coingecko.answers import CHART, DAY_MS, DEFI, HOUR_MS, TOTALS, TRENDING


@pytest.mark.anyio
async def test_totals_come_with_the_share_of_defi() -> None:
    answers = {"global": TOTALS, "decentralized_finance_defi": DEFI}

    stats = await provider(CoinGecko, routes(answers)).globals(Everything())

    assert stats.defi_dominance == 5.894647272212131494
    assert stats.total_market_cap == 2621040321355.5


@pytest.mark.anyio
@pytest.mark.parametrize("failure", [httpx.Response(500), {"data": {}}, {"data": 5}, []])
async def test_totals_do_without_the_share_of_defi(failure: Any) -> None:
    answers = {"global": TOTALS, "decentralized_finance_defi": failure}

    stats = await provider(CoinGecko, routes(answers)).globals(Everything())

    assert stats.defi_dominance is None
    assert stats.dominance == {"BTC": 57.5, "ETH": 9.5}


@pytest.mark.anyio
async def test_market_caps_are_asked_by_the_coins_id_in_seconds() -> None:
    seen: list[httpx.Request] = []
    query = RangeQuery("POL", NOW_MS - 3 * HOUR_MS - 1, NOW_MS - 1)

    history = await provider(CoinGecko, routes({"range": CHART}, seen)).caps(query)

    assert seen[0].url.path == "/api/v3/coins/polygon-ecosystem-token/market_chart/range"
    assert dict(seen[0].url.params) == {
        "vs_currency": "usd",
        "from": str(NOW_MS // 1000 - 3 * 3600 - 1),
        "to": str(NOW_MS // 1000),
    }
    assert [p.market_cap for p in history.points] == [1.5e12, 1.6e12]
    assert history.symbol == "POL"


@pytest.mark.anyio
async def test_a_range_that_begins_too_long_ago_is_asked_from_where_free_history_begins() -> None:
    seen: list[httpx.Request] = []
    query = RangeQuery("BTC", NOW_MS - 900 * DAY_MS, NOW_MS)

    await provider(CoinGecko, routes({"range": CHART}, seen)).caps(query)

    since_ms = int(seen[0].url.params["from"]) * 1000
    assert NOW_MS - 365 * DAY_MS <= since_ms <= NOW_MS - 364 * DAY_MS


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        RangeQuery("BTC", NOW_MS - 900 * DAY_MS, NOW_MS - 366 * DAY_MS),
        RangeQuery("NOSUCHCOIN", NOW_MS - DAY_MS, NOW_MS),
    ],
)
async def test_too_old_a_range_or_an_unknown_symbol_is_not_asked_for(query: RangeQuery) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinGecko, routes({}, seen)).caps(query)

    assert seen == []


@pytest.mark.anyio
async def test_no_market_cap_in_the_range_is_no_fault_of_the_source() -> None:
    answers = {"range": {"prices": [], "market_caps": [], "total_volumes": []}}

    with pytest.raises(SourceUnsupported):
        await provider(CoinGecko, routes(answers)).caps(RangeQuery("BTC", NOW_MS - 9, NOW_MS))


@pytest.mark.anyio
async def test_candles_have_no_volume_and_are_timed_at_open() -> None:
    seen: list[httpx.Request] = []
    step = 14_400_000
    last = NOW_MS - NOW_MS % step
    rows = [[last - step, 10, 12, 8, 9], [last, 9, 11.5, 9, 10]]

    found = await provider(CoinGecko, routes({"ohlc": rows}, seen)).candles(
        CandleQuery(Pair("BTC", "USDT"), "4h", 10)
    )

    assert [(bar.open_ms, bar.close, bar.volume) for bar in found.bars] == [
        (last - 2 * step, 9, None),
        (last - step, 10, None),
    ]
    assert found.pair == Pair("BTC", "USD")
    assert dict(seen[0].url.params) == {"vs_currency": "usd", "days": "30"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        CandleQuery(Pair("BTC", "USDT"), "1h", 10),
        CandleQuery(Pair("BTC", "EUR"), "4h", 10),
        CandleQuery(Pair("NOSUCHCOIN", "USDT"), "4h", 10),
        CandleQuery(Pair("BTC", "USDT"), "30m", 10, since_ms=NOW_MS - 3 * 86_400_000),
    ],
)
async def test_candles_that_it_cannot_serve_are_not_asked_for(query: CandleQuery) -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinGecko, routes({}, seen)).candles(query)

    assert seen == []


@pytest.mark.anyio
async def test_rates_and_trends_are_asked_where_they_stand() -> None:
    seen: list[httpx.Request] = []
    answers = {
        "exchange_rates": json.loads(payload("coingecko/exchange_rates")),
        "trending": TRENDING,
    }
    coingecko = provider(CoinGecko, routes(answers, seen))

    rates = await coingecko.rates(Everything())
    trends = await coingecko.trends(Everything())

    assert [r.url.path for r in seen] == ["/api/v3/exchange_rates", "/api/v3/search/trending"]
    assert rates.per_usd["EUR"] == 0.875
    assert [(row.symbol, row.rank, row.score) for row in trends.rows] == [
        ("AA", 7, 0),
        ("BB", None, 1),
    ]


def test_it_says_what_it_serves_and_on_which_terms() -> None:
    assert set(CoinGecko.served()) == {
        *("listings", "tickers", "candles", "globals", "caps", "coins", "rates", "trends")
    }
    assert CoinGecko.served()["tickers"].bulk
    assert "CoinGecko" in CoinGecko.attribution
    assert CoinGecko.terms
