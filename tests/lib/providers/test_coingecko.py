"""CoinGecko's answers, read and asked for."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from lib.market import Coin, Listing, Pair, Rates, Trend
from lib.providers.coingecko import CoinGecko
from lib.queries import CandleQuery, Everything, ListQuery, RangeQuery
from lib.wire.coingecko import parse_defi_dominance, parse_globals, parse_listings
from lib.wire.coingecko_charts import parse_caps, parse_ohlc
from lib.wire.coingecko_coins import parse_coins, parse_rates, parse_trends
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

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ALL_TIME = RangeQuery("BTC", 0, 9_000_000_000_000)

BITCOIN: dict[str, Any] = {
    "id": "bitcoin",
    "symbol": "btc",
    "name": "Bitcoin",
    "current_price": 77671,
    "market_cap_rank": 1,
    "total_volume": 33235034316,
    "high_24h": 78419,
    "low_24h": 76696,
    "price_change_percentage_24h": -0.95302,
    "last_updated": "2026-05-18T12:49:21.599Z",
}
MARKETS = json.dumps([BITCOIN]).encode()
TOTALS: dict[str, Any] = {
    "data": {
        "active_cryptocurrencies": 17397,
        "markets": 1476,
        "total_market_cap": {"usd": 2621040321355.5},
        "total_volume": {"usd": 95133256404.25},
        "market_cap_percentage": {"btc": 57.5, "eth": 9.5},
        "updated_at": 1779878351,
    }
}
DEFI: dict[str, Any] = {"data": {"defi_dominance": "5.89464727221213149449895977219"}}
CHART: dict[str, Any] = {
    "prices": [[NOW_MS - HOUR_MS, 1.0]],
    "market_caps": [[NOW_MS - 2 * HOUR_MS, 1.5e12], [NOW_MS - HOUR_MS, 1.6e12]],
    "total_volumes": [],
}
TRENDING: dict[str, Any] = {
    "coins": [
        {"item": {"id": "b", "symbol": "bb", "name": "B", "market_cap_rank": None, "score": 1}},
        {"item": {"id": "a", "symbol": "aa", "name": "A", "market_cap_rank": 7, "score": 0}},
    ]
}


def body(document: object) -> bytes:
    return json.dumps(document).encode()


def ms_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def whole_seconds(text: str | None) -> str | None:
    return text and text[:19] + "Z"


def number(value: float | None) -> float | None:
    """A number as written; zero and null both mean that there is none."""
    return value or None


# recorded answers, against an independent reading


@pytest.mark.parametrize(
    "name",
    [
        "coins_markets_top100_sparkline_2026",
        "coins_markets_usd",
        "coins_markets_myr",
        "doc_coins_markets",
    ],
)
def test_a_recorded_market_table_is_read_field_by_field(corpus: Corpus, name: str) -> None:
    raw = {row["id"]: row for row in corpus.recording(f"coingecko/{name}")["body"]}

    table = parse_listings(corpus.body(f"coingecko/{name}"), NOW_MS)

    assert [row.id for row in table.rows] == sorted(raw, key=lambda i: raw[i]["market_cap_rank"])
    assert table.rows == tuple(
        Listing(
            id=row.id,
            symbol=raw[row.id]["symbol"].upper(),
            name=raw[row.id]["name"].strip("\u200b"),  # "Stable" begins with two of these
            rank=raw[row.id]["market_cap_rank"],
            price=raw[row.id]["current_price"],
            change_1h=raw[row.id].get("price_change_percentage_1h_in_currency"),
            change_24h=raw[row.id]["price_change_percentage_24h"],
            change_7d=raw[row.id].get("price_change_percentage_7d_in_currency"),
            volume_24h=raw[row.id]["total_volume"],
            market_cap=number(raw[row.id]["market_cap"]),
            high_24h=number(raw[row.id]["high_24h"]),
            low_24h=number(raw[row.id]["low_24h"]),
            circulating_supply=number(raw[row.id]["circulating_supply"]),
            total_supply=number(raw[row.id]["total_supply"]),
            max_supply=number(raw[row.id]["max_supply"]),
            ath=raw[row.id]["ath"],
            ath_date=whole_seconds(raw[row.id]["ath_date"]),
            atl=raw[row.id]["atl"],
            atl_date=whole_seconds(raw[row.id]["atl_date"]),
            image=raw[row.id]["image"],
            updated_ms=ms_of(raw[row.id]["last_updated"]),
        )
        for row in table.rows
    )
    assert table.time_ms == max(ms_of(row["last_updated"]) for row in raw.values())


def test_trap_1_an_absent_supply_stays_unknown(corpus: Corpus) -> None:
    rows = parse_listings(corpus.body("coingecko/coins_markets_top100_sparkline_2026"), NOW_MS).rows

    assert sum(row.max_supply is None for row in rows) == 49
    assert not any(row.max_supply == 0 for row in rows)


@pytest.mark.parametrize("name", ["global", "doc_global"])
def test_recorded_totals_are_read_in_dollars(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coingecko/{name}")["body"]["data"]

    stats = parse_globals(corpus.body(f"coingecko/{name}"), NOW_MS)

    assert stats.total_market_cap == raw["total_market_cap"]["usd"]
    assert stats.total_volume_24h == raw["total_volume"]["usd"]
    assert stats.dominance == {k.upper(): v for k, v in raw["market_cap_percentage"].items()}
    assert stats.market_cap_change_24h == raw["market_cap_change_percentage_24h_usd"]
    assert stats.volume_change_24h == raw.get("volume_change_percentage_24h_usd")
    assert stats.active_cryptocurrencies == raw["active_cryptocurrencies"]
    assert stats.active_exchanges == raw["markets"]
    assert (stats.active_markets, stats.defi_dominance) == (None, None)
    assert stats.time_ms == raw["updated_at"] * 1000


def test_the_recorded_share_of_defi_is_a_number_in_a_string(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/global_defi")["body"]["data"]["defi_dominance"]

    share = parse_defi_dominance(corpus.body("coingecko/global_defi"))

    assert isinstance(raw, str)
    assert share == float(raw)


@pytest.mark.parametrize(
    "name", ["market_chart_daily", "market_chart_hourly", "doc_market_chart_range"]
)
def test_recorded_market_caps_are_read_at_their_own_moments(corpus: Corpus, name: str) -> None:
    raw = corpus.recording(f"coingecko/{name}")["body"]["market_caps"]

    history = parse_caps(corpus.body(f"coingecko/{name}"), ALL_TIME, NOW_MS)

    assert [[p.time_ms, p.market_cap] for p in history.points] == raw
    assert (history.symbol, history.time_ms) == ("BTC", NOW_MS)


def test_trap_2_uneven_steps_and_a_last_point_of_now_are_kept_as_they_are(corpus: Corpus) -> None:
    points = parse_caps(corpus.body("coingecko/market_chart_hourly"), ALL_TIME, NOW_MS).points
    daily = parse_caps(corpus.body("coingecko/market_chart_daily"), ALL_TIME, NOW_MS).points

    assert points[1].time_ms - points[0].time_ms > 1.5 * HOUR_MS
    assert all(point.time_ms % DAY_MS == 0 for point in daily[:-1])
    assert daily[-1].time_ms % DAY_MS != 0


def test_trap_2_bars_are_timed_at_close_upstream_and_at_open_here(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/ohlc_7d")["body"]

    bars = parse_ohlc(corpus.body("coingecko/ohlc_7d"), "4h")

    assert [list(bar) for bar in bars] == [[row[0] - 4 * HOUR_MS, *row[1:]] for row in raw]
    assert {later.open_ms - bar.open_ms for bar, later in pairwise(bars)} == {4 * HOUR_MS}


def test_documented_half_hours_are_read(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/doc_ohlc")["body"]

    bars = parse_ohlc(corpus.body("coingecko/doc_ohlc"), "30m")

    assert [bar.open_ms for bar in bars] == [row[0] - HOUR_MS // 2 for row in raw]


@pytest.mark.parametrize("timeframe", ["30m", "1h", "1d"])
def test_bars_of_another_length_are_not_taken_for_the_wanted_ones(
    corpus: Corpus, timeframe: str
) -> None:
    with pytest.raises(SourceMalformed):
        parse_ohlc(corpus.body("coingecko/ohlc_7d"), timeframe)


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


PARSERS: dict[str, Callable[[bytes], object]] = {
    "listings": lambda b: parse_listings(b, NOW_MS),
    "globals": lambda b: parse_globals(b, NOW_MS),
    "defi": parse_defi_dominance,
    "caps": lambda b: parse_caps(b, ALL_TIME, NOW_MS),
    "coins": lambda b: parse_coins(b, NOW_MS),
    "rates": lambda b: parse_rates(b, NOW_MS),
    "trends": lambda b: parse_trends(b, NOW_MS),
    "ohlc": lambda b: parse_ohlc(b, "4h"),
}
TAKEN_FOR = {
    "coins_list": {"coins"},
    "coins_markets_myr": {"listings", "coins"},
    "coins_markets_top100_sparkline_2026": {"listings", "coins"},
    "coins_markets_usd": {"listings", "coins"},
    "doc_coins_markets": {"listings", "coins"},
    "doc_global": {"globals", "defi"},
    "doc_market_chart_range": {"caps"},
    "global": {"globals", "defi"},
    "global_defi": {"defi"},
    "market_chart_daily": {"caps"},
    "market_chart_hourly": {"caps"},
    "ohlc_7d": {"ohlc"},
    "search_trending": {"trends"},
}
"""Which recorded answers a parser accepts; totals merely hold no share of DeFi."""


def test_no_recorded_answer_is_taken_for_one_of_another_kind(corpus: Corpus) -> None:
    names = [p.name.split(".")[0] for p in (corpus.root / "payloads" / "coingecko").iterdir()]

    taken: dict[str, set[str]] = {}
    for name in names:
        for kind, parse in PARSERS.items():
            try:
                parse(corpus.body(f"coingecko/{name}"))
            except SourceError:
                continue
            taken.setdefault(name, set()).add(kind)

    assert taken == TAKEN_FOR


# rows that are not what they should be


def test_a_coin_that_was_renamed_away_has_no_price_and_no_row() -> None:
    gone = BITCOIN | {"id": "matic-network", "symbol": "matic", "current_price": None}

    table = parse_listings(body([gone, BITCOIN]), NOW_MS)

    assert [row.id for row in table.rows] == ["bitcoin"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"current_price": 0},
        {"current_price": -1},
        {"current_price": "NaN"},
        {"current_price": "inf"},
        {"current_price": {}},
        {"id": None},
        {"symbol": ""},
        {"symbol": "\u200b"},
    ],
)
def test_one_absurd_row_costs_only_itself(wrong: dict[str, Any]) -> None:
    table = parse_listings(body([BITCOIN | wrong, BITCOIN | {"id": "other"}]), NOW_MS)

    assert [row.id for row in table.rows] == ["other"]


def test_a_table_without_one_price_is_no_table() -> None:
    with pytest.raises(SourceMalformed):
        parse_listings(body([BITCOIN | {"current_price": 0}]), NOW_MS)


def test_absurd_facts_of_a_sound_row_are_unknown() -> None:
    odd = {
        "market_cap_rank": 0,
        "high_24h": "nan",
        "ath_date": "long ago",
        "market_cap": 0,
        "image": "missing_large.png",
        "last_updated": "",
        "price_change_percentage_24h": "inf",
        "total_volume": 0,
    }

    (row,) = parse_listings(body([BITCOIN | odd]), NOW_MS).rows

    assert (row.rank, row.high_24h, row.ath_date, row.market_cap) == (None, None, None, None)
    assert (row.image, row.updated_ms, row.change_24h) == (None, None, None)
    assert row.volume_24h == 0


def test_totals_without_dollars_are_no_totals() -> None:
    document = {"data": TOTALS["data"] | {"total_market_cap": {"btc": 34570737.2}}}

    with pytest.raises(SourceMalformed):
        parse_globals(body(document), NOW_MS)


def test_a_market_cap_of_null_or_zero_is_no_point() -> None:
    document = {"market_caps": [[1000, None], [2000, 0], [3000, 5.0], [2500, "nan"]]}

    points = parse_caps(body(document), RangeQuery("BTC", 0, 4000), NOW_MS).points

    assert [(p.time_ms, p.market_cap) for p in points] == [(3000, 5.0)]


def test_points_are_ascending_single_and_inside_the_range() -> None:
    document = {"market_caps": [[3000, 3.0], [1000, 1.0], [2000, 2.0], [2000, 2.5], [9000, 9.0]]}

    points = parse_caps(body(document), RangeQuery("BTC", 1500, 4000), NOW_MS).points

    assert [(p.time_ms, p.market_cap) for p in points] == [(2000, 2.5), (3000, 3.0)]


def test_rates_are_turned_from_bitcoins_into_dollars() -> None:
    rates = parse_rates(payload("coingecko/exchange_rates"), NOW_MS)

    assert rates == Rates({"USD": 1.0, "EUR": 0.875, "JPY": 150.0}, NOW_MS)


def test_rates_without_the_dollar_are_refused() -> None:
    with pytest.raises(SourceMalformed):
        parse_rates(body({"rates": {"eur": {"value": 70000.0, "type": "fiat"}}}), NOW_MS)


@pytest.mark.parametrize(
    "row",
    [
        [7_200_000, 10, 9, 8, 9],  # high below open
        [7_200_000, 10, 12, 0, 9],
        [7_200_000, "nan", 12, 8, 9],
        [7_200_000, 10, 12, 8, "nan"],
        [7_200_001, 10, 12, 8, 9],
    ],
)
def test_a_bar_that_is_no_bar_is_refused(row: list[Any]) -> None:
    with pytest.raises(SourceMalformed):
        parse_ohlc(body([row]), "30m")


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("kind", PARSERS)
def test_nonsense_is_malformed(kind: str, text: bytes) -> None:
    with pytest.raises(SourceMalformed):
        PARSERS[kind](text)


# asking


def routes(answers: dict[str, Any], seen: list[httpx.Request] | None = None) -> Answer:
    """Answer by the last part of the path, or with 404."""

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        found = answers.get(request.url.path.rsplit("/", 1)[-1])
        if isinstance(found, httpx.Response):
            return found
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    return answer


@pytest.mark.anyio
async def test_the_table_is_asked_for_in_pages_of_250() -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(CoinGecko, routes({"markets": [BITCOIN]}, seen))

    await coingecko.listings(ListQuery(pages=2))

    assert [str(r.url.copy_with(query=None)) for r in seen] == [
        "https://api.coingecko.com/api/v3/coins/markets"
    ] * 2
    assert [dict(r.url.params) for r in seen] == [
        {
            "vs_currency": "usd",
            "order": "market_cap_desc",
            "per_page": "250",
            "page": page,
            "price_change_percentage": "1h,24h,7d",
            "sparkline": "false",
        }
        for page in ("1", "2")
    ]
    assert "x-cg-demo-api-key" not in seen[0].headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("category", "asked"),
    [
        ("defi", "decentralized-finance-defi"),
        ("nft", "non-fungible-tokens-nft"),
        ("meme", "meme-token"),
    ],
)
async def test_a_category_is_asked_by_its_name_there(category: str, asked: str) -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(CoinGecko, routes({"markets": [BITCOIN]}, seen))

    await coingecko.listings(ListQuery(1, category))

    assert seen[0].url.params["category"] == asked


@pytest.mark.anyio
async def test_an_unknown_category_is_not_asked_for() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinGecko, routes({}, seen)).listings(ListQuery(1, "gaming"))

    assert seen == []


@pytest.mark.anyio
async def test_a_key_goes_into_the_header_and_a_mirror_keeps_its_prefix() -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(
        CoinGecko, routes({"list": [BITCOIN]}, seen), key="CG-1", base_url="http://mirror/gecko/"
    )

    await coingecko.coins(Everything())

    assert seen[0].headers["x-cg-demo-api-key"] == "CG-1"
    assert str(seen[0].url) == "http://mirror/gecko/api/v3/coins/list"


def paged(answers: dict[str, httpx.Response]) -> Answer:
    return lambda request: answers[request.url.params["page"]]


@pytest.mark.anyio
async def test_pages_are_put_together_and_a_coin_between_two_stands_once() -> None:
    second = BITCOIN | {"id": "ethereum", "symbol": "eth", "market_cap_rank": 2}
    pages = {
        "1": httpx.Response(200, json=[second, BITCOIN]),
        "2": httpx.Response(200, json=[BITCOIN | {"current_price": 1}]),
    }

    table = await provider(CoinGecko, paged(pages)).listings(ListQuery(2))

    assert [(row.id, row.price) for row in table.rows] == [("bitcoin", 77671), ("ethereum", 77671)]


@pytest.mark.anyio
async def test_the_first_page_does_when_the_second_fails() -> None:
    pages = {"1": httpx.Response(200, json=[BITCOIN]), "2": httpx.Response(429)}

    table = await provider(CoinGecko, paged(pages)).listings(ListQuery(2))

    assert [row.id for row in table.rows] == ["bitcoin"]


@pytest.mark.anyio
async def test_without_the_first_page_there_is_no_table() -> None:
    pages = {"1": httpx.Response(500), "2": httpx.Response(200, json=[BITCOIN])}

    with pytest.raises(SourceUnavailable):
        await provider(CoinGecko, paged(pages)).listings(ListQuery(2))


@pytest.mark.anyio
async def test_a_second_page_that_hangs_is_not_waited_for() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "2":
            await asyncio.Event().wait()
        return httpx.Response(200, json=[BITCOIN])

    coingecko = provider(CoinGecko, hang)  # type: ignore[arg-type] # httpx takes both kinds
    coingecko.patience_s = 0.01

    table = await coingecko.listings(ListQuery(2))

    assert len(table.rows) == 1


@pytest.mark.anyio
async def test_of_two_coins_with_one_ticker_the_better_rank_is_priced() -> None:
    peg = BITCOIN | {"id": "peg", "current_price": 5, "market_cap_rank": 900}
    unranked = BITCOIN | {"id": "x", "current_price": 6, "market_cap_rank": None}

    tickers = await provider(CoinGecko, routes({"markets": [peg, unranked, BITCOIN]})).tickers()

    (ticker,) = tickers.values()
    assert list(tickers) == ["BTC/USD"]
    assert (ticker.pair, ticker.last, ticker.scope) == (Pair("BTC", "USD"), 77671, "global")
    assert (ticker.high, ticker.low, ticker.change_percent) == (78419, 76696, -0.95302)
    assert (ticker.volume, ticker.base_volume) == (33235034316, None)
    assert (ticker.bid, ticker.ask) == (None, None)
    assert ticker.time_ms == ms_of("2026-05-18T12:49:21.599Z")


@pytest.mark.anyio
async def test_a_ticker_that_nobody_can_ask_for_is_left_out() -> None:
    odd = BITCOIN | {"id": "odd", "symbol": "figr_heloc"}

    tickers = await provider(CoinGecko, routes({"markets": [odd, BITCOIN]})).tickers()

    assert list(tickers) == ["BTC/USD"]


@pytest.mark.anyio
async def test_every_recorded_ticker_is_keyed_by_its_pair(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/coins_markets_top100_sparkline_2026")["body"]

    tickers = await provider(CoinGecko, routes({"markets": raw})).tickers()

    assert len(tickers) == sum(row["symbol"].isalnum() for row in raw)
    assert all(key == str(ticker.pair) for key, ticker in tickers.items())
    assert tickers["UNI/USD"].last == next(r for r in raw if r["id"] == "uniswap")["current_price"]


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


# being refused


def failure(code: int, *, boxed: bool = False) -> dict[str, Any]:
    status = {"status": {"error_code": code, "error_message": "no"}}
    return {"error": status} if boxed else status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error", "wait_s"),
    [
        (httpx.Response(429, headers={"Retry-After": "119"}), SourceThrottled, 119.0),
        (httpx.Response(429), SourceThrottled, 60.0),
        (httpx.Response(418), SourceThrottled, 120.0),
        (httpx.Response(200, json=failure(429)), SourceThrottled, 60.0),
        (httpx.Response(451), SourceGeoBlocked, None),
        (httpx.Response(403), SourceGeoBlocked, None),
        (httpx.Response(500), SourceUnavailable, None),
        (httpx.Response(503, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(404, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(404, json={"error": "coin not found"}), SourceUnsupported, None),
        (httpx.Response(401), NoKey, None),
        (httpx.Response(401, json=failure(10002)), NoKey, None),
        (httpx.Response(200, json=failure(10010)), NoKey, None),
        (httpx.Response(401, json=failure(10012, boxed=True)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(10012, boxed=True)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(10005)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(500)), SourceUnavailable, None),
        (httpx.Response(200, content=MARKETS[:-9]), SourceMalformed, None),
        (httpx.Response(200, html="<html>maintenance</html>"), SourceMalformed, None),
        (httpx.Response(200, content=b""), SourceMalformed, None),
        (httpx.Response(200, json={}), SourceMalformed, None),
        (httpx.Response(200, json=[]), SourceMalformed, None),
        (httpx.Response(200, json=[BITCOIN | {"current_price": 0}]), SourceMalformed, None),
        (httpx.Response(200, json=[BITCOIN | {"current_price": "NaN"}]), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    response: httpx.Response, error: type[SourceError], wait_s: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        await provider(CoinGecko, lambda _: response).tickers()

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
        await provider(CoinGecko, answer).listings(ListQuery(2))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_429", SourceThrottled),
        ("error_10002_missing_key", NoKey),
        ("error_unknown_coin", SourceUnsupported),
    ],
)
async def test_recorded_refusals_are_understood(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    recording = corpus.recording(f"coingecko/{name}")
    response = httpx.Response(
        recording["status"], json=recording["body"], headers=recording["headers"]
    )

    with pytest.raises(error) as caught:
        await provider(CoinGecko, lambda _: response).caps(RangeQuery("BTC", NOW_MS - 9, NOW_MS))

    if "retry-after" in recording["headers"]:
        assert getattr(caught.value, "retry_after_s", None) == 119.0


# whatever comes


SOUND = {
    "listings": body([BITCOIN | {"ath_date": "2025-10-06T18:57:42.558Z", "image": "https://a/b"}]),
    "globals": body(TOTALS),
    "defi": body(DEFI),
    "caps": body(CHART),
    "coins": body([BITCOIN]),
    "rates": payload("coingecko/exchange_rates"),
    "trends": body(TRENDING),
    "ohlc": body([[14_400_000, 10, 12, 8, 9], [28_800_000, 9, 11.5, 9, 10]]),
}


@pytest.mark.parametrize("kind", SOUND)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_answer_is_refused_or_read_but_never_breaks(
    kind: str, data: st.DataObject
) -> None:
    text = data.draw(damaged(SOUND[kind]))

    assert raises_only_source_errors(lambda: PARSERS[kind](text))


def test_the_sound_answers_are_sound() -> None:
    assert all(PARSERS[kind](text) for kind, text in SOUND.items())


def test_it_says_what_it_serves_and_on_which_terms() -> None:
    assert set(CoinGecko.served()) == {
        *("listings", "tickers", "candles", "globals", "caps", "coins", "rates", "trends")
    }
    assert CoinGecko.served()["tickers"].bulk
    assert "CoinGecko" in CoinGecko.attribution
    assert CoinGecko.terms


@pytest.mark.parametrize("code", ["gbp\x00", "gbp\n", "\u00e4\u00f6", "", "a" * 11])
def test_a_currency_by_a_name_that_is_none_is_left_out(code: str) -> None:
    rates = {"usd": {"value": 50_000, "type": "fiat"}, code: {"value": 2, "type": "fiat"}}

    assert parse_rates(json.dumps({"rates": rates}).encode(), NOW_MS).per_usd == {"USD": 1.0}
