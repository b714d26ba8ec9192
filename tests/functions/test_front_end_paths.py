"""Paths that today's front ends call beside the specification, with the parameters that they send,
and every field that they read: its type and its sense."""

import json
from typing import Any

import pytest

from functions import load_endpoints
from tests.conftest import Corpus
from tests.functions.published import unexplained
from tests.functions.senses import (
    Sense,
    address,
    amount,
    ascends,
    capitals,
    exactly,
    flag,
    maybe,
    nonsense,
    number,
    one_of,
    pair,
    past_ms,
    percent,
    positive,
    recent_ms,
    rows_of,
    share,
    sound,
    text,
    whole,
)
from tests.house import NOW_MS, House, canned

HOUR_MS, DAY_MS = 3_600_000, 86_400_000

TOP_COIN: dict[str, Sense] = {
    "id": text,
    "rank": maybe(whole),
    "market_cap_rank": maybe(whole),
    "symbol": capitals,
    "name": text,
    "image": maybe(address),
    "price": positive,
    "current_price": positive,
    "market_cap": maybe(positive),
    "volume_24h": maybe(amount),
    "total_volume": maybe(amount),
    "change_24h": maybe(percent),
    "price_change_percentage_24h": maybe(percent),
    "change_7d": maybe(percent),
    "high_24h": maybe(positive),
    "low_24h": maybe(positive),
    "ath": maybe(positive),
    "ath_date": maybe(text),
    "atl": maybe(positive),
    "circulating_supply": maybe(amount),
}
TOP: dict[str, Sense] = {
    "coins": rows_of(TOP_COIN),
    "data": rows_of(TOP_COIN),
    "count": whole,
    "timestamp": recent_ms,
}
MARKET_ROW = {
    name: TOP_COIN[name] for name in ("symbol", "name", "rank", "price", "market_cap", "image")
} | {"volume24h": amount, "change24h": percent, "changePercent24h": percent}
MARKET: dict[str, Sense] = {
    "items": rows_of(MARKET_ROW),
    "data": rows_of(MARKET_ROW),
    "total_market_cap": positive,
    "total_volume": positive,
    "total_volume_24h": positive,
    "btc_dominance": share,
    "eth_dominance": share,
    "active_coins": whole,
    "active_cryptocurrencies": whole,
    "market_cap_change_percentage_24h": percent,
    "timestamp": recent_ms,
}
LONG_BAR: dict[str, Sense] = {
    "timestamp": past_ms,
    "open": positive,
    "high": positive,
    "low": positive,
    "close": positive,
    "volume": amount,
}
SHORT_BAR: dict[str, Sense] = {
    "t": past_ms,
    "o": positive,
    "h": positive,
    "l": positive,
    "c": positive,
    "v": amount,
}
BARS: dict[str, Sense] = {"data": rows_of(LONG_BAR | SHORT_BAR | {"closed": flag}), "count": whole}
RATE: dict[str, Sense] = {
    "pair": pair,
    "price": positive,
    "change24h": percent,
    "volume24h": amount,
    "timestamp": recent_ms,
}
QUOTED: dict[str, Sense] = {"pair": pair, "price": positive, "quote": capitals, "ts": recent_ms}
TICKER: dict[str, Sense] = {"symbol": capitals, "price": positive, "change_24h": percent}
STATE: dict[str, Sense] = {
    "status": exactly("healthy"),
    "service": text,
    "version": text,
    "timestamp": recent_ms,
}
PROVIDER: dict[str, Sense] = {
    "id": text,
    "name": text,
    "status": one_of("online", "offline", "degraded"),
    "type": text,
}


def object_of(senses: dict[str, Sense]) -> Sense:
    """An object with these fields."""
    return lambda value: isinstance(value, dict) and not nonsense(value, senses)


CALLS: dict[str, dict[str, Sense]] = {
    "/api/market?symbols=BTC,ETH": MARKET,
    "/api/market?symbols=": MARKET,
    "/api/market?symbols=BTC,ETH&limit=2": MARKET,
    "/api/market?limit=100&sort=market_cap&order=desc": MARKET,
    "/api/market?sort=volume&order=desc": MARKET,
    "/api/market?sort=price": MARKET,
    "/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000": {"data": rows_of(SHORT_BAR)},
    "/api/ohlcv?symbol=BTCUSDT&interval=1h&limit=200": {"data": rows_of(SHORT_BAR)},
    "/api/ohlcv?symbol=BTC/USDT&timeframe=4h": {"data": rows_of(SHORT_BAR)},
    "/api/ohlcv?symbol=eth&timeframe=1d": {"data": rows_of(SHORT_BAR)},
    "/api/stats": {
        "totalMarketCap": positive,
        "totalVolume24h": positive,
        "btcDominance": share,
        "activeCoins": whole,
        "total_providers": whole,
    },
    "/api/coins/top": TOP,
    "/api/coins/top?limit=50": TOP,
    "/api/market/top?limit=10": TOP,
    "/api/service/top?n=10": TOP,
    "/api/service/rate?pair=BTC/USDT": RATE | {"data": object_of(QUOTED)},
    "/api/service/rate?pair=BTC%2FUSDT": RATE | {"data": object_of(QUOTED)},
    "/api/service/rate/batch?pairs=BTC/USDT,ETH/USDT": {
        "rates": rows_of(RATE | QUOTED),
        "data": rows_of(RATE | QUOTED),
    },
    "/api/ohlcv/BTC?timeframe=1h&limit=100": BARS,
    "/api/ohlcv/BTCUSDT?interval=4h&limit=100": BARS,
    "/api/ohlcv/BTC%2FUSDT?timeframe=1d": BARS,
    "/api/ohlcv/multi?symbols=BTC,ETH&timeframe=1h&limit=10": BARS | {"symbols": rows_of({})},
    "/api/market/ohlc?symbol=BTC&interval=1h&limit=100": BARS,
    "/api/market/ohlc?symbol=BTC&timeframe=1h": BARS,
    "/api/service/history?symbol=BTC&interval=1h&limit=100": {
        "data": rows_of(LONG_BAR),
        "count": exactly(100),
        "symbol": exactly("BTC"),
        "interval": exactly("1h"),
    },
    "/api/service/history?symbol=BTC&interval=60": {
        "data": rows_of(LONG_BAR),
        "interval": exactly("1h"),
    },
    "/api/historical?symbol=BTC&days=30": {"data": rows_of(LONG_BAR), "count": exactly(30)},
    "/api/trending": {
        "coins": rows_of(
            {
                "id": text,
                "symbol": capitals,
                "name": text,
                "rank": maybe(whole),
                "score": whole,
                "price": maybe(positive),
                "image": maybe(address),
            }
        )
    },
    "/api/service/market-status": {
        "data": object_of({"total_market_cap": positive, "total_volume_24h": positive}),
        "timestamp": recent_ms,
    },
    "/api/trading/backtest/historical/BTCUSDT?timeframe=1h&days=7&exchange=binance": {
        "exchange": one_of("binance", "kucoin"),
        "candles": rows_of(LONG_BAR),
    },
}
"""Calls with data, and what is read of their answers."""

ARRAYS: dict[str, dict[str, Sense]] = {
    "/api/market/history?symbol=BTC&timeframe=1h&limit=100": LONG_BAR,
    "/api/market/tickers?limit=100&sort=market_cap": TICKER,
    "/api/market/tickers?limit=100&sort=volume": TICKER,
}
"""Calls that are answered with a bare array."""

STATES: dict[str, dict[str, Sense]] = {
    "/api/health": STATE | {"services": object_of({"binance": exactly("online")})},
    "/api/status": STATE | {"providers": object_of({"total": whole, "online": whole})},
    "/api/providers": {"providers": rows_of(PROVIDER)},
    "/api/resources/summary": STATE
    | {"summary": object_of({"total_resources": whole, "free_resources": whole})},
    "/api/new-sources/status": STATE
    | {"sources": object_of({"binance": object_of({"status": exactly("operational")})})},
}
"""Calls about the service itself."""


@pytest.mark.parametrize("target", CALLS)
async def test_a_front_end_can_read_what_it_reads_today(house: House, target: str) -> None:
    answer = await house.get(target)

    assert answer.status == 200
    assert answer.json["success"] is True
    assert nonsense(answer.json, CALLS[target]) == []


@pytest.mark.parametrize("target", CALLS)
async def test_no_envelope_comes_without_provenance(house: House, target: str) -> None:
    answer = await house.get(target)

    meta = answer.json["meta"]
    assert meta["source"] == answer.headers["x-source"] != ""
    assert meta["fetched_at"] <= NOW_MS < meta["fresh_until"]
    assert meta["degraded"] is False
    assert unexplained(answer.json) == set()


@pytest.mark.parametrize("target", ARRAYS)
async def test_an_array_is_bare_and_its_source_is_in_the_headers(house: House, target: str) -> None:
    answer = await house.get(target)

    assert answer.status == 200
    assert rows_of(ARRAYS[target])(answer.json), nonsense(answer.json, ARRAYS[target])
    assert answer.headers["x-source"]


@pytest.mark.parametrize("target", STATES)
async def test_the_service_tells_how_it_is_and_asks_nobody(house: House, target: str) -> None:
    answer = await house.get(target)

    assert answer.status == 200
    assert nonsense(answer.json, STATES[target]) == []
    assert house.calls == 0


@pytest.mark.parametrize("target", [*CALLS, *ARRAYS])
@pytest.mark.parametrize("fault", ["500", "nan", "shape"])
async def test_the_first_sources_may_be_down(target: str, fault: str) -> None:
    # only one source knows what is in trend
    slow_half = () if "trending" in target else ("coingecko",)
    async with House(faults=dict.fromkeys(("binance", *slow_half), fault)) as house:
        answer = await house.get(target)

    assert answer.status == 200
    if isinstance(answer.json, dict):
        assert unexplained(answer.json) == set()
        assert "binance" not in answer.headers["x-source"]


@pytest.mark.parametrize("target", [*CALLS, *ARRAYS])
async def test_when_all_sources_are_down_nobody_is_told_of_success(target: str) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        answer = await house.get(target)

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


def test_every_path_of_this_file_is_declared_under_its_tag_or_in_the_specification() -> None:
    paths = {e.path for e in load_endpoints() if e.tag == "Front-end paths"}
    called = {target.split("?")[0].rstrip("/") for target in (*CALLS, *ARRAYS)}

    uncalled = {
        path
        for path in paths
        if path.startswith("/api/") and not any(_fits(path, one) for one in called)
    }
    assert uncalled == set()


def _fits(path: str, called: str) -> bool:
    stem, brace, _ = path.partition("{")
    return called.startswith(stem) if brace else called == path


# recorded payloads


@pytest.fixture
def recorded(corpus: Corpus) -> dict[str, Any]:
    """What Binance and CoinGecko once really said."""
    return {
        "/binance/api/v3/ticker/24hr": json.loads(corpus.body("binance/ticker24hr_all_symbols")),
        "/coingecko/api/v3/coins/markets": json.loads(
            corpus.body("coingecko/coins_markets_top100_sparkline_2026")
        ),
        "/coingecko/api/v3/search/trending": json.loads(corpus.body("coingecko/search_trending")),
        "/coingecko/api/v3/global": json.loads(corpus.body("coingecko/global")),
    }


def told(senses: dict[str, Sense]) -> dict[str, Sense]:
    """The same of any day: the recordings are of others."""
    return {name: whole if sense is recent_ms else sense for name, sense in senses.items()}


async def test_recorded_markets_make_sense(recorded: dict[str, Any], corpus: Corpus) -> None:
    async with House(upstream=canned(recorded)) as house:
        body = (await house.get("/api/coins/top?limit=100")).json
        tickers = (await house.get("/api/market/tickers?limit=100")).json

    wire = recorded["/coingecko/api/v3/coins/markets"]
    assert nonsense(body["coins"], told(TOP_COIN)) == []
    assert [row["id"] for row in body["coins"]] == [
        row["id"] for row in sorted(wire, key=lambda row: row["market_cap_rank"])
    ]
    assert nonsense(tickers, {"symbol": capitals, "price": positive, "change_24h": number}) == []


async def test_recorded_tickers_make_sense(recorded: dict[str, Any]) -> None:
    wire = {row["symbol"]: row for row in recorded["/binance/api/v3/ticker/24hr"]}
    async with House(upstream=canned(recorded)) as house:
        body = (await house.get("/api/service/rate/batch?pairs=BTC/USDT,ETH/USDT,BNB/BTC")).json

    assert nonsense(body["rates"], told(RATE | QUOTED)) == []
    assert [row["price"] for row in body["rates"]] == [
        float(wire[name]["lastPrice"]) for name in ("BTCUSDT", "ETHUSDT", "BNBBTC")
    ]


async def test_recorded_trends_make_sense(recorded: dict[str, Any]) -> None:
    async with House(upstream=canned(recorded)) as house:
        body = (await house.get("/api/trending")).json

    wire = recorded["/coingecko/api/v3/search/trending"]["coins"]
    assert [coin["id"] for coin in body["coins"]] == [entry["item"]["id"] for entry in wire]
    assert all(coin["price"] is None or coin["price"] > 0 for coin in body["coins"])
    assert unexplained(body) == set()
