"""Rules that every reply with data keeps, whichever endpoint gives it and whoever fails."""

import re

import pytest

from functions import load_endpoints
from tests.functions.published import FRONT_ENDS, SAMPLES, has_path, unexplained, unlike
from tests.house import NOW_MS, House

DAY_MS = 86_400_000

QUESTIONS = {
    "market": "/api/market",
    "price": "/api/price/BTC",
    "ohlcv": "/api/ohlcv?symbol=BTC/USDT&timeframe=1h",
    "ticker": "/api/ticker/BTC",
    "exchange_info": "/api/exchange-info",
    "orderbook": "/api/orderbook/BTC",
    "trades": "/api/trades/BTC",
    "stats": "/api/stats",
    "stats_dominance": "/api/stats/dominance",
    "history_price": f"/api/history/price/BTC?from={NOW_MS - 9 * DAY_MS}&to={NOW_MS}",
}
MORE = {
    "market in euros": "/api/market?currency=eur&limit=5",
    "market of a category": "/api/market?category=defi",
    "market of symbols": "/api/market?symbols=BTC,NOSUCHCOIN,USDT",
    "price without a day": "/api/price/BTC?include_24h=false",
    "price in euros": "/api/price/BTC?convert=eur",
    "price in yen": "/api/price/SOL?convert=jpy",
    "price of a tether": "/api/price/USDT",
    "ticker in dollars": "/api/ticker/BTC-USD",
    "old bars": "/api/ohlcv?symbol=BTC&timeframe=1d&since=1700000000000&limit=3",
    "no bars": "/api/ohlcv?symbol=BTC&timeframe=1d&until=1000000000000",
    "history by the month": f"/api/history/price/ETH?from=1700000000000&to={NOW_MS}&interval=1M",
    "history of old": "/api/history/price/BTC?from=1600000000000&to=1610000000000",
    "history before all": "/api/history/price/BTC?from=1&to=1000000000&interval=1M",
}

FRESH = {
    "price": (5, 60, 300),
    "ticker": (5, 60, 300),
    "orderbook": (2, 10, 60),
    "trades": (2, 10, 60),
    "ohlcv": (60, 600, 86400),
    "market": (60, 600, 86400),
    "exchange_info": (3600, 86400, 604800),
    "stats": (300, 3600, 86400),
    "stats_dominance": (300, 3600, 86400),
    "history_price": (300, 3600, 86400),
}
"""Seconds: fresh, stale served while refreshing, kept for when all sources are down."""

META = {
    "source",
    "sources_tried",
    "as_of",
    "fetched_at",
    "fresh_until",
    "degraded",
    "sandbox",
    "missing",
}
"""What is in every `meta`, even where nothing is missing."""

OUTCOMES = (
    "ok timeout unavailable throttled geo_blocked malformed unsupported circuit_open quota_spent "
    "no_key"
).split()


@pytest.fixture(params=QUESTIONS)
def name(request: pytest.FixtureRequest) -> str:
    """An endpoint's name."""
    return str(request.param)


def test_each_published_endpoint_is_there_and_has_its_tests() -> None:
    names = {endpoint.name for endpoint in load_endpoints()}

    assert set(SAMPLES) <= names
    assert set(QUESTIONS) == set(FRESH) == set(SAMPLES) - {"health"}


async def test_the_body_has_every_published_field(house: House, name: str) -> None:
    body = (await house.get(QUESTIONS[name])).json

    assert unlike(SAMPLES[name], body) == []
    assert [path for path in FRONT_ENDS.get(name, []) if not has_path(body, path)] == []
    assert next(iter(body)) == "success"
    assert next(reversed(body)) == "meta"


async def test_meta_says_where_everything_comes_from(house: House, name: str) -> None:
    answer = await house.get(QUESTIONS[name])

    meta = answer.json["meta"]
    assert set(meta) >= META
    assert meta["source"] == answer.headers["x-source"]
    assert [set(attempt) for attempt in meta["sources_tried"]] == [
        {"source", "outcome", "ms"}
    ] * len(meta["sources_tried"])
    assert {attempt["outcome"] for attempt in meta["sources_tried"]} <= set(OUTCOMES)
    assert {a["source"] for a in meta["sources_tried"] if a["outcome"] == "ok"} == set(
        meta["source"].split(",")
    )
    assert NOW_MS - 120_000 <= meta["as_of"] <= meta["fetched_at"] == NOW_MS < meta["fresh_until"]
    assert (meta["degraded"], meta["sandbox"]) == (False, False)


@pytest.mark.parametrize("what", [*QUESTIONS, *MORE])
async def test_every_null_has_a_reason(house: House, what: str) -> None:
    answer = await house.get((QUESTIONS | MORE)[what])

    assert answer.status == 200
    assert unexplained(answer.json) == set()
    assert all(reason for reason in answer.json["meta"].get("missing", {}).values())


@pytest.mark.parametrize("source", ["binance", "coingecko", "coinmarketcap"])
async def test_every_null_has_a_reason_when_a_source_is_down(name: str, source: str) -> None:
    async with House(faults={source: "500"}) as house:
        answer = await house.get(QUESTIONS[name])

    assert answer.status == 200
    assert unexplained(answer.json) == set()


async def test_every_null_has_a_reason_when_only_one_source_is_left(name: str) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            if source not in ("kraken", "coinpaprika"):
                house.sandbox.state.faults.set(source, "500")
        answer = await house.get(QUESTIONS[name])

    assert answer.status == 200
    assert unexplained(answer.json) == set()
    assert answer.json["meta"]["degraded"] is True


async def test_a_cold_answer_is_as_fresh_as_promised(house: House, name: str) -> None:
    answer = await house.get(QUESTIONS[name])

    fresh, stale, keep = FRESH[name]
    assert answer.headers["cache-control"] == (
        f"public, max-age={fresh}, stale-while-revalidate={stale - fresh}, "
        f"stale-if-error={keep - fresh}"
    )
    assert answer.json["meta"]["fresh_until"] == NOW_MS + fresh * 1000


async def test_a_stale_answer_is_served_while_it_is_refreshed(house: House, name: str) -> None:
    _, stale, _ = FRESH[name]
    first = await house.get(QUESTIONS[name])
    house.clock.advance(stale - 1)

    answer = await house.get(QUESTIONS[name])

    assert answer.headers["x-cache"] == "stale"
    assert answer.max_age == 0
    assert answer.body == first.body


async def test_an_answer_past_its_stale_time_is_fetched_anew(house: House, name: str) -> None:
    _, stale, _ = FRESH[name]
    await house.get(QUESTIONS[name])
    house.clock.advance(stale + 1)

    answer = await house.get(QUESTIONS[name])

    # the market table's slow facts keep longer than its prices
    assert answer.headers["x-cache"] == ("stale" if name == "market" else "miss")
    assert answer.json["meta"]["fetched_at"] == house.clock.now_ms()


async def test_a_kept_answer_outlives_its_sources(house: House, name: str) -> None:
    _, _, keep = FRESH[name]
    # tomorrow's bars are another question than today's; a week's last a week
    question = QUESTIONS[name].replace(f"to={NOW_MS}", f"to={NOW_MS}&interval=1w")
    await house.get(question)
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(keep - 1)

    kept = await house.get(question)

    assert (kept.status, kept.headers["x-cache"]) == (200, "stale")
    assert kept.json["meta"]["degraded"] is True
    assert kept.json["meta"]["fetched_at"] == NOW_MS


async def test_the_same_value_always_has_the_same_bytes(house: House, name: str) -> None:
    first = await house.get(QUESTIONS[name])
    house.app._pantry.clear()
    house.clock.advance(1)

    again = await house.get(QUESTIONS[name])

    assert again.body == first.body
    assert again.headers["x-cache"] == "hit"


async def test_the_customer_gets_no_number_that_is_none(house: House, name: str) -> None:
    text = (await house.get(QUESTIONS[name])).body.decode()

    assert not re.search(r"[:,\[](NaN|-?Infinity)", text)


@pytest.mark.parametrize("fault", ["zero", "nan", "shape", "empty", "html", "truncated"])
async def test_a_source_that_talks_nonsense_is_passed_over(name: str, fault: str) -> None:
    async with House(faults={"binance": fault, "coingecko": fault}) as house:
        answer = await house.get(QUESTIONS[name])

    # rules without numbers are still rules: the venue states no limits
    sound = name == "exchange_info" and fault == "zero"
    assert answer.status == 200
    assert ("binance" in answer.headers["x-source"]) == sound
    assert unlike(SAMPLES[name], answer.json) == []
    assert unexplained(answer.json) == set()
