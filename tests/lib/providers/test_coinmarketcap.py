"""CoinMarketCap's answers, read and asked for."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from lib.errors import (
    NoKey,
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.market import GlobalStats, Listing
from lib.providers.coinmarketcap import CoinMarketCap
from lib.queries import Everything, ListQuery
from lib.wire.coinmarketcap import parse_globals, parse_listings
from tests.conftest import Corpus
from tests.lib.providers.aggregator import (
    NONSENSE,
    NOW_MS,
    Answer,
    damaged,
    payload,
    provider,
    raises_only_source_errors,
)

V3 = payload("coinmarketcap/listings_v3")
QUOTE: dict[str, Any] = {"price": 77671.5, "volume_24h": 33235034316, "market_cap": 1.5e12}
BITCOIN: dict[str, Any] = {
    "slug": "bitcoin",
    "symbol": "BTC",
    "name": "Bitcoin",
    "cmc_rank": 1,
    "tags": ["mineable"],
    "max_supply": None,
    "quote": {"USD": QUOTE},
    "last_updated": "2026-05-18T12:49:00.000Z",
}
TOTALS: dict[str, Any] = {
    "active_cryptocurrencies": 9460,
    "active_market_pairs": 106179,
    "active_exchanges": 835,
    "btc_dominance": 60.5,
    "eth_dominance": 11.5,
    "quote": {
        "USD": {"total_market_cap": 4e12, "total_volume_24h": 1.5e11, "defi_market_cap": 1e11}
    },
    "last_updated": "2026-05-18T12:49:00.000Z",
}


def table(*rows: dict[str, Any], error_code: object = 0) -> bytes:
    return json.dumps({"status": {"error_code": error_code}, "data": rows}).encode()


def totals(**changed: Any) -> bytes:
    return json.dumps({"status": {"error_code": 0}, "data": TOTALS | changed}).encode()


def ms_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


# recorded answers, against an independent reading


@pytest.mark.parametrize("name", ["listings_latest_2019", "listings_latest_2021_100"])
def test_a_recorded_market_table_is_read_field_by_field(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coinmarketcap/{name}")["body"]["data"]

    found = parse_listings(corpus.body(f"coinmarketcap/{name}"), NOW_MS)

    assert found.rows == tuple(
        Listing(
            id=row["slug"],
            symbol=row["symbol"],
            name=row["name"],
            rank=row["cmc_rank"],
            price=row["quote"]["USD"]["price"],
            change_1h=row["quote"]["USD"]["percent_change_1h"],
            change_24h=row["quote"]["USD"]["percent_change_24h"],
            change_7d=row["quote"]["USD"]["percent_change_7d"],
            volume_24h=row["quote"]["USD"]["volume_24h"],
            market_cap=row["quote"]["USD"]["market_cap"] or None,
            circulating_supply=row["circulating_supply"] or None,
            total_supply=row["total_supply"] or None,
            max_supply=row["max_supply"] or None,
            updated_ms=ms_of(row["quote"]["USD"]["last_updated"]),
        )
        for row in sorted(raw, key=lambda row: row["cmc_rank"])
    )
    assert found.time_ms == max(ms_of(r["quote"]["USD"]["last_updated"]) for r in raw)


def test_nothing_is_said_of_all_time_prices_and_day_ranges(corpus: Corpus) -> None:
    rows = parse_listings(corpus.body("coinmarketcap/listings_latest_2021_100"), NOW_MS).rows

    assert {(r.ath, r.atl, r.ath_date, r.high_24h, r.low_24h, r.image) for r in rows} == {
        (None,) * 6
    }


@pytest.mark.parametrize(("tag", "count"), [("defi", 21), ("collectibles-nfts", 6), ("memes", 2)])
def test_a_category_is_the_coins_that_carry_its_tag(corpus: Corpus, tag: str, count: int) -> None:
    raw = corpus.recording("coinmarketcap/listings_latest_2021_100")["body"]["data"]

    rows = parse_listings(corpus.body("coinmarketcap/listings_latest_2021_100"), NOW_MS, tag).rows

    assert [row.id for row in rows] == [row["slug"] for row in raw if tag in row["tags"]]
    assert len(rows) == count


def test_trap_5_a_quote_under_its_currencys_id_is_read(corpus: Corpus) -> None:
    raw = corpus.recording("coinmarketcap/global_metrics_latest_2025")["body"]["data"]
    sums = raw["quote"]["2781"]

    stats = parse_globals(corpus.body("coinmarketcap/global_metrics_latest_2025"), NOW_MS)

    assert stats == GlobalStats(
        time_ms=ms_of(sums["last_updated"]),
        total_market_cap=sums["total_market_cap"],
        total_volume_24h=sums["total_volume_24h"],
        dominance={"BTC": raw["btc_dominance"], "ETH": raw["eth_dominance"]},
        market_cap_change_24h=sums["total_market_cap_yesterday_percentage_change"],
        volume_change_24h=sums["total_volume_24h_yesterday_percentage_change"],
        defi_dominance=pytest.approx(sums["defi_market_cap"] / sums["total_market_cap"] * 100),
        active_cryptocurrencies=raw["active_cryptocurrencies"],
        active_markets=raw["active_market_pairs"],
        active_exchanges=raw["active_exchanges"],
    )


@pytest.mark.parametrize("code", [0, "0", None])
def test_trap_5_a_code_of_zero_is_no_error_however_it_is_written(code: object) -> None:
    assert parse_listings(table(BITCOIN, error_code=code), NOW_MS).rows[0].price == 77671.5


@pytest.mark.parametrize(
    ("code", "error", "wait_s"),
    [
        (1001, NoKey, None),
        ("1002", NoKey, None),
        (1008, SourceThrottled, 60.0),
        (1009, SourceThrottled, 3600.0),
        (1010, SourceThrottled, 86400.0),
        ("1015", SourceThrottled, 86400.0),
        (400, SourceUnsupported, None),
        (500, SourceUnavailable, None),
    ],
)
@pytest.mark.parametrize("parse", [parse_listings, parse_globals])
def test_trap_5_an_error_may_come_with_http_200(
    parse: Callable[[bytes, int], object], code: object, error: type[SourceError], wait_s: float
) -> None:
    with pytest.raises(SourceError) as caught:
        parse(json.dumps({"status": {"error_code": code}, "data": {}}).encode(), NOW_MS)

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "error"), [("error_1001", NoKey), ("error_1008", SourceThrottled)]
)
async def test_documented_refusals_are_understood(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    recording = corpus.recording(f"coinmarketcap/{name}")
    response = httpx.Response(recording["status"], json=recording["body"])

    with pytest.raises(error):
        await provider(CoinMarketCap, lambda _: response, key="k").globals(Everything())


def test_the_mood_is_not_taken_for_a_table_nor_for_totals(corpus: Corpus) -> None:
    mood = corpus.body("coinmarketcap/fear_and_greed_latest_2025")

    for parse in (parse_listings, parse_globals):
        with pytest.raises(SourceMalformed):
            parse(mood, NOW_MS)


# shapes


def test_the_newer_table_has_its_quotes_in_a_list() -> None:
    bitcoin, aave = parse_listings(V3, NOW_MS).rows

    assert (bitcoin.id, bitcoin.rank, bitcoin.price) == ("bitcoin", 1, 77671.0)
    assert (aave.id, aave.rank, aave.price, aave.volume_24h) == ("aave", 46, 125.48, 210000000.25)
    assert (aave.change_1h, aave.change_24h, aave.change_7d) == (0.1, -2.5, 3.25)
    assert (aave.market_cap, aave.circulating_supply) == (1907296000.5, 15200000.5)
    assert aave.updated_ms == ms_of("2026-05-26T09:04:30.000Z")


def test_a_tag_may_be_an_object() -> None:
    assert [row.id for row in parse_listings(V3, NOW_MS, "defi").rows] == ["aave"]


@pytest.mark.parametrize(
    "quote",
    [
        {"USD": QUOTE},
        {"2781": QUOTE},
        [QUOTE | {"id": 2781}],
        [QUOTE | {"symbol": "USD"}],
        [QUOTE | {"name": "USD"}],
        [{"symbol": "EUR", "price": 1}, QUOTE | {"symbol": "USD"}],
    ],
)
def test_dollars_are_found_in_every_form_of_quote(quote: object) -> None:
    (row,) = parse_listings(table(BITCOIN | {"quote": quote}), NOW_MS).rows

    assert row.price == 77671.5


@pytest.mark.parametrize("quote", [{"EUR": QUOTE}, [QUOTE], [], None, [QUOTE | {"id": 2790}]])
def test_a_quote_that_does_not_say_dollars_is_not_taken_for_dollars(quote: object) -> None:
    with pytest.raises(SourceMalformed):
        parse_listings(table(BITCOIN | {"quote": quote}), NOW_MS)
    with pytest.raises(SourceMalformed):
        parse_globals(totals(quote=quote), NOW_MS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quote": {"USD": QUOTE | {"price": 0}}},
        {"quote": {"USD": QUOTE | {"price": None}}},
        {"quote": {"USD": QUOTE | {"price": "NaN"}}},
        {"quote": {"USD": 5}},
        {"slug": None},
        {"symbol": ""},
    ],
)
def test_one_absurd_row_costs_only_itself(wrong: dict[str, Any]) -> None:
    found = parse_listings(table(BITCOIN | wrong, BITCOIN | {"slug": "other"}), NOW_MS)

    assert [row.id for row in found.rows] == ["other"]


def test_no_coin_of_a_category_is_no_fault_of_the_source() -> None:
    with pytest.raises(SourceUnsupported):
        parse_listings(table(BITCOIN), NOW_MS, "memes")


@pytest.mark.parametrize(
    "wrong",
    [{"total_market_cap": 0}, {"total_volume_24h": None}, {"total_market_cap": "NaN"}],
)
def test_totals_without_a_sum_are_no_totals(wrong: dict[str, Any]) -> None:
    with pytest.raises(SourceMalformed):
        parse_globals(totals(quote={"USD": TOTALS["quote"]["USD"] | wrong}), NOW_MS)


def test_a_share_that_is_no_share_is_left_out() -> None:
    stats = parse_globals(totals(btc_dominance="nan", eth_dominance=11.5), NOW_MS)

    assert stats.dominance == {"ETH": 11.5}


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_malformed(text: bytes) -> None:
    for parse in (parse_listings, parse_globals):
        with pytest.raises(SourceMalformed):
            parse(text, NOW_MS)


# asking


def telling(text: bytes, seen: list[httpx.Request]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=text)

    return answer


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("key", "path"),
    [
        (None, "/public-api/v3/cryptocurrency/listings/latest"),
        ("k", "/v1/cryptocurrency/listings/latest"),
    ],
)
async def test_the_table_is_asked_for_with_or_without_a_key(key: str | None, path: str) -> None:
    seen: list[httpx.Request] = []

    await provider(CoinMarketCap, telling(V3, seen), key=key).listings(ListQuery(2))

    assert str(seen[0].url.copy_with(query=None)) == f"https://pro-api.coinmarketcap.com{path}"
    assert dict(seen[0].url.params) == {"start": "1", "limit": "500", "convert": "USD"}
    assert seen[0].headers.get("x-cmc_pro_api_key") == key


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("key", "path"),
    [
        (None, "/public-api/v1/global-metrics/quotes/latest"),
        ("k", "/v1/global-metrics/quotes/latest"),
    ],
)
async def test_totals_are_asked_for_with_or_without_a_key(key: str | None, path: str) -> None:
    seen: list[httpx.Request] = []
    cmc = provider(CoinMarketCap, telling(totals(), seen), key=key, base_url="http://mirror/cmc")

    stats = await cmc.globals(Everything())

    assert str(seen[0].url) == f"http://mirror/cmc{path}?convert=USD"
    assert stats.defi_dominance == 2.5


@pytest.mark.anyio
async def test_a_category_is_looked_for_in_more_rows_and_cut_to_size() -> None:
    seen: list[httpx.Request] = []
    rows = [
        BITCOIN | {"slug": f"c{n}", "cmc_rank": n, "tags": ["memes"] if n % 2 else []}
        for n in range(1, 600)
    ]

    found = await provider(CoinMarketCap, telling(table(*rows), seen)).listings(
        ListQuery(1, "meme")
    )

    assert seen[0].url.params["limit"] == "1000"
    assert [row.rank for row in found.rows] == list(range(1, 500, 2))


@pytest.mark.anyio
async def test_an_unknown_category_is_not_asked_for() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinMarketCap, telling(V3, seen)).listings(ListQuery(1, "gaming"))

    assert seen == []


def failure(code: object) -> dict[str, Any]:
    return {"status": {"error_code": code, "error_message": "no"}}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error", "wait_s"),
    [
        (httpx.Response(429), SourceThrottled, 60.0),
        (httpx.Response(429, headers={"Retry-After": "17"}), SourceThrottled, 17.0),
        (
            httpx.Response(429, json=failure(1008), headers={"Retry-After": "17"}),
            SourceThrottled,
            17.0,
        ),
        (httpx.Response(429, json=failure(1011)), SourceThrottled, 60.0),
        (
            httpx.Response(429, json=failure(1010), headers={"Retry-After": "17"}),
            SourceThrottled,
            86400.0,
        ),
        (httpx.Response(418), SourceThrottled, 120.0),
        (httpx.Response(451), SourceGeoBlocked, None),
        (httpx.Response(403, html="<html></html>"), SourceGeoBlocked, None),
        (httpx.Response(403, json=failure(1006)), NoKey, None),
        (httpx.Response(402), NoKey, None),
        (httpx.Response(401, json=failure("1002")), NoKey, None),
        (httpx.Response(401), NoKey, None),
        (httpx.Response(404), SourceUnavailable, None),
        (httpx.Response(400, json=failure(400)), SourceUnsupported, None),
        (httpx.Response(500, json=failure(500)), SourceUnavailable, None),
        (httpx.Response(503, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(200, content=V3[:-9]), SourceMalformed, None),
        (httpx.Response(200, html="<html>maintenance</html>"), SourceMalformed, None),
        (httpx.Response(200, content=b""), SourceMalformed, None),
        (httpx.Response(200, json={"data": {}}), SourceMalformed, None),
        (httpx.Response(200, content=table()), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    response: httpx.Response, error: type[SourceError], wait_s: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        await provider(CoinMarketCap, lambda _: response).listings(ListQuery(2))

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
        await provider(CoinMarketCap, answer).globals(Everything())


# whatever comes


@settings(max_examples=300, deadline=None)
@given(damaged(V3, table(BITCOIN)))
def test_a_damaged_table_is_refused_or_read_but_never_breaks(text: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_listings(text, NOW_MS))


@settings(max_examples=300, deadline=None)
@given(damaged(totals()))
def test_damaged_totals_are_refused_or_read_but_never_break(text: bytes) -> None:
    assert raises_only_source_errors(lambda: parse_globals(text, NOW_MS))


def test_it_says_what_it_serves_and_on_which_terms() -> None:
    assert set(CoinMarketCap.served()) == {"listings", "globals", "moods"}
    assert "CoinMarketCap" in CoinMarketCap.attribution
    assert "personal" in CoinMarketCap.terms
    assert not CoinMarketCap.needs_key
