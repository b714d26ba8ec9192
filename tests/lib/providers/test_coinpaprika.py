"""CoinPaprika's answers, read and asked for."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import Coin, GlobalStats, Listing
from lib.providers.coinpaprika import CoinPaprika, parse_coins, parse_globals, parse_listings
from lib.queries import Everything, ListQuery
from tests.lib.providers.aggregator import (
    NONSENSE,
    NOW_MS,
    Answer,
    damaged,
    payload,
    provider,
    raises_only_source_errors,
)

TICKERS = payload("coinpaprika/tickers")
GLOBAL = payload("coinpaprika/global")
COINS = payload("coinpaprika/coins")
BITCOIN: dict[str, Any] = json.loads(TICKERS)[1]

PARSERS: dict[str, Callable[[bytes], object]] = {
    "tickers": lambda b: parse_listings(b, NOW_MS),
    "global": lambda b: parse_globals(b, NOW_MS),
    "coins": lambda b: parse_coins(b, NOW_MS),
}
SOUND = {"tickers": TICKERS, "global": GLOBAL, "coins": COINS}


# documented answers


def test_the_table_is_read_field_by_field_best_rank_first() -> None:
    table = parse_listings(TICKERS, NOW_MS)

    assert table.rows == (
        Listing(
            id="btc-bitcoin",
            symbol="BTC",
            name="Bitcoin",
            rank=1,
            price=77671.5,
            change_1h=0.58,
            change_24h=-0.95,
            change_7d=-4.04,
            volume_24h=33235034316.25,
            market_cap=1555798436950,
            circulating_supply=None,
            total_supply=20030493,
            max_supply=21000000,
            ath=126080.0,
            ath_date="2025-10-06T18:57:42Z",
            updated_ms=1779108648000,  # 2026-05-18T12:50:48Z
        ),
        Listing(
            id="eth-ethereum",
            symbol="ETH",
            name="Ethereum",
            rank=2,
            price=2425.7,
            change_1h=0.1,
            change_24h=0.42,
            change_7d=-1.5,
            volume_24h=21000000000.5,
            market_cap=292781990000,
            circulating_supply=None,
            total_supply=120700000,
            max_supply=None,  # written as 0 upstream
            ath=4950.25,
            ath_date="2025-08-24T19:20:00Z",
            updated_ms=1779108621000,
        ),
    )
    assert table.time_ms == 1779108648000


def test_totals_are_read_in_dollars_with_bitcoins_share_alone() -> None:
    assert parse_globals(GLOBAL, NOW_MS) == GlobalStats(
        time_ms=1779878351000,
        total_market_cap=2621040321355,
        total_volume_24h=95133256404,
        dominance={"BTC": 59.36},
        market_cap_change_24h=-1.61,
        volume_change_24h=33.06,
        active_cryptocurrencies=12739,
    )


def test_coins_are_the_active_ones_best_rank_first() -> None:
    assert parse_coins(COINS, NOW_MS).rows == (
        Coin("btc-bitcoin", "BTC", "Bitcoin"),
        Coin("eth-ethereum", "ETH", "Ethereum"),
        Coin("xyz-unranked", "XYZ", "Unranked"),
    )


def test_an_older_answers_circulating_supply_is_read() -> None:
    row = BITCOIN | {"circulating_supply": 19883231}

    assert parse_listings(json.dumps([row]).encode(), NOW_MS).rows[0].circulating_supply == 19883231


@pytest.mark.parametrize(
    "wrong",
    [
        {"quotes": {"USD": {"price": 0}}},
        {"quotes": {"USD": {"price": "NaN"}}},
        {"quotes": {"EUR": {"price": 5}}},
        {"quotes": None},
        {"quotes": 5},
        {"id": None},
        {"symbol": ""},
    ],
)
def test_one_absurd_row_costs_only_itself(wrong: dict[str, Any]) -> None:
    rows = [BITCOIN | wrong, BITCOIN | {"id": "other"}]

    assert [r.id for r in parse_listings(json.dumps(rows).encode(), NOW_MS).rows] == ["other"]


@pytest.mark.parametrize("wrong", [{"market_cap_usd": 0}, {"volume_24h_usd": "nan"}])
def test_totals_without_a_sum_are_no_totals(wrong: dict[str, Any]) -> None:
    with pytest.raises(SourceMalformed):
        parse_globals(json.dumps(json.loads(GLOBAL) | wrong).encode(), NOW_MS)


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("kind", PARSERS)
def test_nonsense_is_malformed(kind: str, text: bytes) -> None:
    with pytest.raises(SourceMalformed):
        PARSERS[kind](text)


# asking


def telling(text: bytes, seen: list[httpx.Request]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=text)

    return answer


@pytest.mark.anyio
async def test_everything_is_asked_where_it_stands() -> None:
    seen: list[httpx.Request] = []

    await provider(CoinPaprika, telling(TICKERS, seen)).listings(ListQuery(2))
    await provider(CoinPaprika, telling(GLOBAL, seen)).globals(Everything())
    await provider(CoinPaprika, telling(COINS, seen), base_url="http://m/p").coins(Everything())

    assert [str(request.url) for request in seen] == [
        "https://api.coinpaprika.com/v1/tickers?quotes=USD",
        "https://api.coinpaprika.com/v1/global",
        "http://m/p/v1/coins",
    ]


@pytest.mark.anyio
async def test_the_table_is_cut_to_the_pages_asked_for() -> None:
    rows = [BITCOIN | {"id": f"c{n}", "rank": n} for n in range(1, 600)]
    text = json.dumps(rows).encode()

    table = await provider(CoinPaprika, telling(text, [])).listings(ListQuery(1))

    assert [row.rank for row in table.rows] == list(range(1, 251))


@pytest.mark.anyio
async def test_a_category_is_not_asked_for() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinPaprika, telling(TICKERS, seen)).listings(ListQuery(1, "defi"))

    assert seen == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error", "wait_s"),
    [
        (httpx.Response(429), SourceThrottled, 10.0),
        (httpx.Response(429, headers={"Retry-After": "40"}), SourceThrottled, 40.0),
        (httpx.Response(402, json={"error": "no"}), SourceThrottled, 3600.0),
        (httpx.Response(418), SourceThrottled, 120.0),
        (httpx.Response(451), SourceGeoBlocked, None),
        (httpx.Response(403), SourceGeoBlocked, None),
        (httpx.Response(404, json={"error": "no"}), SourceUnavailable, None),
        (httpx.Response(500), SourceUnavailable, None),
        (httpx.Response(200, content=TICKERS[:-9]), SourceMalformed, None),
        (httpx.Response(200, html="<html>maintenance</html>"), SourceMalformed, None),
        (httpx.Response(200, content=b""), SourceMalformed, None),
        (httpx.Response(200, json={"error": "no"}), SourceMalformed, None),
        (httpx.Response(200, json=[]), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    response: httpx.Response, error: type[SourceError], wait_s: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        await provider(CoinPaprika, lambda _: response).listings(ListQuery(2))

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), SourceUnavailable),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_a_network_failure_is_the_sources_failure(
    failure: Exception, error: type[SourceError]
) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(error):
        await provider(CoinPaprika, answer).coins(Everything())


# whatever comes


@pytest.mark.parametrize("kind", SOUND)
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_but_never_breaks(
    kind: str, data: st.DataObject
) -> None:
    text = data.draw(damaged(SOUND[kind]))

    assert raises_only_source_errors(lambda: PARSERS[kind](text))


def test_it_says_what_it_serves_and_on_which_terms() -> None:
    assert set(CoinPaprika.served()) == {"listings", "globals", "coins"}
    assert "CoinPaprika" in CoinPaprika.attribution
    assert "non-commercial" in CoinPaprika.terms
