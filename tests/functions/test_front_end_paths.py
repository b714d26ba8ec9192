"""Paths that today's front ends call beside the specification, with the parameters that they send,
and every field that they read: its type and its sense."""

import re
from collections.abc import AsyncIterator

import pytest

from adapters.openapi.document import build_document
from functions import load_endpoints
from tests.functions.front_ends import MARKET_CALLS, STATE_CALLS, Call
from tests.functions.front_ends_told import JUDGED_CALLS, TOLD_CALLS
from tests.functions.published import unexplained
from tests.functions.senses import ascends, nonsense, sound
from tests.house import NOW_MS, PLAYED, House

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DATA_CALLS = (*MARKET_CALLS, *TOLD_CALLS)
CALLS = (*DATA_CALLS, *JUDGED_CALLS, *STATE_CALLS)


def one_each(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """One call of each path: what sources do is the same whatever the parameters."""
    return tuple({(c.target.partition("?")[0], c.body is None): c for c in calls}.values())


def each(calls: tuple[Call, ...]) -> pytest.MarkDecorator:
    """Once for each call."""
    return pytest.mark.parametrize("call", calls, ids=str)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """The whole service, with the model that judges texts."""
    async with House(names=[*PLAYED, "embedded_sentiment"]) as made:
        yield made


@each(CALLS)
async def test_a_front_end_can_read_what_it_reads_today(house: House, call: Call) -> None:
    answer = await call.of(house)

    assert answer.status == 200
    assert call.bare or answer.json["success"] is True
    assert call.senses(answer.json), nonsense(answer.json, call.reads)


@each(DATA_CALLS)
async def test_no_answer_with_data_comes_without_provenance(house: House, call: Call) -> None:
    answer = await call.of(house)

    assert answer.headers["x-source"] != ""
    if call.bare:  # an array has no room for more
        return
    meta = answer.json["meta"]
    assert meta["source"] == answer.headers["x-source"]
    assert meta["fetched_at"] <= NOW_MS < meta["fresh_until"]
    assert meta["degraded"] is False
    assert unexplained(answer.json) == set()


@each(STATE_CALLS)
async def test_the_service_tells_how_it_is_and_asks_nobody(house: House, call: Call) -> None:
    await call.of(house)

    assert house.calls == 0


@each(one_each(MARKET_CALLS))
@pytest.mark.parametrize("fault", ["500", "nan", "shape"])
async def test_the_first_sources_may_be_down(call: Call, fault: str) -> None:
    # only one source knows what is in trend
    slow_half = () if "trending" in call.target else ("coingecko",)
    async with House(faults=dict.fromkeys(("binance", *slow_half), fault)) as house:
        answer = await call.of(house)

    assert answer.status == 200
    if not call.bare:
        assert unexplained(answer.json) == set()
        assert "binance" not in answer.headers["x-source"]


@each(one_each(DATA_CALLS))
async def test_when_all_sources_are_down_nobody_is_told_of_success(call: Call) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        answer = await call.of(house)

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


# senses that reach over more than one field


@pytest.mark.parametrize(
    ("target", "rows", "count", "step_ms"),
    [
        ("/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000", "data", 1000, HOUR_MS),
        ("/api/ohlcv/BTC?timeframe=1h&limit=100", "data", 100, HOUR_MS),
        ("/api/market/ohlc?symbol=BTC&interval=4h&limit=10", "data", 10, 4 * HOUR_MS),
    ],
)
async def test_short_keyed_bars_ascend_without_gaps(
    house: House, target: str, rows: str, count: int, step_ms: int
) -> None:
    bars = (await house.get(target)).json[rows]

    assert len(bars) == count
    assert ascends(bars, "t", step_ms)
    assert all(sound(bar, "o", "h", "l", "c") for bar in bars)
    assert [bar["closed"] for bar in bars] == [True] * (count - 1) + [False]


@pytest.mark.parametrize(
    ("target", "step_ms"),
    [
        ("/api/market/history?symbol=BTC&timeframe=1h&limit=100", HOUR_MS),
        ("/api/service/history?symbol=ETHUSDT&interval=15&limit=100", HOUR_MS // 4),
        ("/api/historical?symbol=BTC&days=100", DAY_MS),
    ],
)
async def test_long_keyed_bars_ascend_without_gaps(house: House, target: str, step_ms: int) -> None:
    body = (await house.get(target)).json
    bars = body if isinstance(body, list) else body["data"]

    assert len(bars) == 100
    assert ascends(bars, "timestamp", step_ms)
    assert all(sound(bar, "open", "high", "low", "close") for bar in bars)


async def test_long_and_short_keys_say_the_same(house: House) -> None:
    bars = (await house.get("/api/ohlcv/BTC?timeframe=1h&limit=50")).json["data"]
    plain = (await house.get("/api/ohlcv?symbol=BTC&timeframe=1h&limit=50")).json["data"]

    names = {
        "t": "timestamp", "o": "open", "h": "high", "l": "low", "c": "close", "v": "volume",
    }  # fmt: skip
    assert all(bar[short] == bar[long] for bar in bars for short, long in names.items())
    assert [[b[short] for short in names] for b in bars] == [
        [b[short] for short in names] for b in plain
    ]


async def test_one_price_holds_on_every_path(house: House) -> None:
    price = (await house.get("/api/price/BTC")).json["price"]
    top = (await house.get("/api/coins/top")).json["coins"][0]
    rate = (await house.get("/api/service/rate?pair=BTC/USDT")).json
    batch = (await house.get("/api/service/rate/batch?pairs=BTC/USDT")).json
    tickers = (await house.get("/api/market/tickers")).json
    bar = (await house.get("/api/ohlcv/BTC?timeframe=1h&limit=1")).json["data"][0]

    assert {
        top["price"],
        top["current_price"],
        rate["price"],
        rate["data"]["price"],
        batch["rates"][0]["price"],
        tickers[0]["price"],
        bar["close"],
    } == {price}


async def test_top_lists_are_the_same_under_both_names_and_ranked(house: House) -> None:
    body = (await house.get("/api/coins/top?limit=20")).json

    assert body["coins"] == body["data"]
    assert body["count"] == 20
    assert [row["market_cap_rank"] for row in body["coins"]] == list(range(1, 21))


async def test_tickers_are_sorted_as_asked(house: House) -> None:
    falling = (await house.get("/api/market/tickers?sort=price&limit=30")).json
    rising = (await house.get("/api/market/tickers?sort=price&order=asc&limit=30")).json

    assert [r["price"] for r in falling] == sorted((r["price"] for r in falling), reverse=True)
    assert [r["price"] for r in rising] == sorted(r["price"] for r in rising)
    assert falling[0]["price"] > rising[-1]["price"]


async def test_coins_in_trend_come_most_wanted_first(house: House) -> None:
    coins = (await house.get("/api/trending")).json["coins"]

    assert [coin["score"] for coin in coins] == list(range(len(coins)))


async def test_a_pair_that_nobody_knows_is_left_out_of_a_batch_with_the_reason(
    house: House,
) -> None:
    body = (await house.get("/api/service/rate/batch?pairs=BTC/USDT,NOSUCH/USDT,eth")).json

    assert [row["pair"] for row in body["rates"]] == ["BTC/USDT", "ETH/USDT"]
    assert body["meta"]["missing"] == {"rates[NOSUCH/USDT]": "Symbol NOSUCH/USDT is not supported"}
    assert body["meta"]["degraded"] is False


async def test_a_refused_pair_is_named_by_its_parameter(house: House) -> None:
    answer = await house.get("/api/service/rate?pair=$")

    assert answer.status == 400
    assert [one["field"] for one in answer.error["details"]["fields"]] == ["pair"]


async def test_a_batch_of_unknown_pairs_is_refused(house: House) -> None:
    answer = await house.get("/api/service/rate/batch?pairs=NOSUCH,NORSUCH")

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")
    assert answer.error["details"]["symbol"] == "NOSUCH/USDT"


async def test_several_symbols_come_as_rows_and_by_the_word_that_was_asked(house: House) -> None:
    body = (await house.get("/api/ohlcv/multi?symbols=BTC,eth,NOSUCH&interval=1d&limit=3")).json

    assert body["symbols"] == ["BTC", "eth"]
    assert body["results"]["eth"]["symbol"] == "ETH/USDT"
    assert [row["symbol"] for row in body["data"]] == ["BTC/USDT"] * 3 + ["ETH/USDT"] * 3
    assert body["meta"]["missing"] == {"results[NOSUCH]": "Symbol NOSUCH/USDT is not supported"}


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("/api/service/rate", "pair"),
        ("/api/service/rate?pair=%25", "pair"),
        ("/api/service/rate/batch?pairs=,,", "pairs"),
        ("/api/service/rate/batch?pairs=" + ",".join(f"A{n}" for n in range(101)), "pairs"),
        ("/api/ohlcv/BTC?timeframe=7m", "timeframe"),
        ("/api/ohlcv/BTC?interval=1M", "timeframe"),
        ("/api/ohlcv/BTC?limit=1001", "limit"),
        ("/api/ohlcv/multi", "symbols"),
        ("/api/coins/top?limit=0", "limit"),
        ("/api/service/top?n=501", "limit"),
        ("/api/market/tickers?sort=luck", "sort"),
        ("/api/historical?symbol=BTC&days=0", "days"),
        ("/api/trading/backtest/historical/BTC?days=366", "days"),
        ("/api/trading/backtest/historical/BTC?exchange=okx", "exchange"),
    ],
)
async def test_what_is_refused_is_named(house: House, target: str, field: str) -> None:
    answer = await house.get(target)

    assert (answer.status, answer.error["code"]) == (400, "INVALID_PARAMETER")
    assert answer.error["details"]["fields"][0]["field"] in (field, "symbol")


async def test_a_service_without_vital_sources_says_so(house: House) -> None:
    for source in ("coingecko", "coinmarketcap", "coinpaprika"):
        house.runtime.highway.gates[source].switched_off = True

    body = (await house.get("/api/health")).json
    sources = (await house.get("/api/new-sources/status")).json["sources"]
    counts = (await house.get("/api/status")).json["providers"]

    assert body["status"] == "degraded"
    assert body["reasons"] == ["every source of listings is offline"]
    assert sources["coingecko"]["status"] == "offline"
    assert counts["offline"] >= 3
    assert counts["total"] == sum(counts[how] for how in ("online", "degraded", "offline"))


async def test_a_failed_source_is_degraded_in_every_list(house: House) -> None:
    house.sandbox.state.faults.set("binance", "500")
    await house.get("/api/price/BTC")

    health = (await house.get("/api/health")).json["services"]["binance"]
    source = (await house.get("/api/new-sources/status")).json["sources"]["binance"]

    assert health == "degraded"
    assert source["status"] == "degraded"
    assert source["last_error"]


SPECIFIED = {
    "/api/ai/predict",
    "/api/ai/signals",
    "/api/market",
    "/api/news/latest",
    "/api/ohlcv",
    "/api/sentiment/analyze",
    "/api/sentiment/global",
    "/api/stats",
}
"""Paths of the specification, of which front ends read more."""


def test_what_is_tagged_as_front_ends_is_what_they_call_beside_the_specification() -> None:
    document = build_document(load_endpoints(), "2")
    tagged = {
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "Front-end paths" in operation["tags"] and not path.startswith("/udf/")
    }
    asked = {("get" if call.body is None else "post", call.target.split("?")[0]) for call in CALLS}

    called = {one for one in tagged if any(_fits(one, other) for other in asked)}
    untagged = {one for one in asked if not any(_fits(other, one) for other in tagged)}
    assert called == tagged
    assert {path for _, path in untagged} == SPECIFIED


def _fits(declared: tuple[str, str], asked: tuple[str, str]) -> bool:
    pattern = re.sub(r"\{[^}]+\}", "[^/]+", declared[1])
    return declared[0] == asked[0] and re.fullmatch(pattern, asked[1]) is not None
