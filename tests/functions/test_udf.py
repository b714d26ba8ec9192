"""/udf: the requests that a chart library sends, in its order, and the answers it expects."""

from typing import Any
from urllib.parse import quote

import pytest

from lib.timeframes import TIMEFRAME_MS, open_of
from lib.views.udf import RESOLUTIONS
from tests.functions.senses import ascends, nonsense, number, percent, positive, sound, text
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned

NOW_S, HOUR_S = NOW_MS // 1000, 3600
HOUR_MS = HOUR_S * 1000
LAST_S = open_of(NOW_MS, "1h") // 1000
HISTORY = "/udf/history?symbol=BTCUSDT&resolution=60"


def columns(body: dict[str, Any]) -> list[dict[str, Any]]:
    """A history's columns as rows."""
    return [
        dict(zip("tohlcv", row, strict=True))
        for row in zip(*(body[name] for name in "tohlcv"), strict=True)
    ]


async def test_a_chart_loads_scrolls_back_and_watches(house: House) -> None:
    config = (await house.get("/udf/config")).json
    assert config["supports_search"] is not config["supports_group_request"]
    assert config["supported_resolutions"] == ["1", "5", "15", "30", "60", "240", "1D", "1W"]

    clock = await house.get("/udf/time")
    assert (clock.headers["content-type"], clock.plain) == (
        "text/plain; charset=utf-8",
        str(NOW_S).encode(),
    )

    found = (await house.get("/udf/search?query=BTC&type=&exchange=&limit=30")).json[0]
    info = (await house.get(f"/udf/symbols?symbol={quote(found['full_name'], safe='')}")).json
    assert "s" not in info  # a status means an error here
    assert (info["name"], info["ticker"], info["session"]) == ("BTCUSDT", "BTCUSDT", "24x7")
    assert info["supported_resolutions"] == config["supported_resolutions"]

    first = (await house.get(_history(info["ticker"], "60", NOW_S + 60, countback=329))).json
    bars = columns(first)
    assert (first["s"], len(bars), bars[-1]["t"]) == ("ok", 329, LAST_S)
    assert ascends(bars, "t", HOUR_S)
    assert all(sound(one, "o", "h", "l", "c") for one in bars)

    earlier = columns(
        (await house.get(_history(info["ticker"], "60", bars[0]["t"], countback=329))).json
    )
    assert earlier[-1]["t"] == bars[0]["t"] - HOUR_S
    assert len(earlier) == 329

    pulse = (await house.get(_history(info["ticker"], "60", NOW_S + 60, countback=2))).json
    quotes = (await house.get(f"/udf/quotes?symbols={info['ticker']}")).json
    assert pulse["c"][-1] == quotes["d"][0]["v"]["lp"]


def _history(symbol: str, resolution: str, to: int, countback: int) -> str:
    """As the library asks: `from` is sent too, and means nothing."""
    return (
        f"/udf/history?symbol={symbol}&resolution={resolution}&from={to - 12 * HOUR_S}&to={to}"
        f"&countback={countback}"
    )


@pytest.mark.parametrize("resolution", RESOLUTIONS)
async def test_every_resolution_is_served(house: House, resolution: str) -> None:
    frame = RESOLUTIONS[resolution]
    body = (await house.get(_history("ETHUSDT", resolution, NOW_S, countback=50))).json

    bars = columns(body)
    assert ascends(bars, "t", TIMEFRAME_MS[frame] // 1000)
    assert (len(bars), bars[-1]["t"]) == (50, open_of(NOW_MS, frame) // 1000)


async def test_from_is_included_and_to_is_not(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={LAST_S - 4 * HOUR_S}&to={LAST_S - HOUR_S}")).json

    assert body["t"] == [LAST_S - 4 * HOUR_S, LAST_S - 3 * HOUR_S, LAST_S - 2 * HOUR_S]


async def test_a_range_between_bounds_of_bars_holds_what_opens_in_it(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={LAST_S - 4 * HOUR_S + 1}&to={LAST_S + 1}")).json

    assert body["t"] == [LAST_S - n * HOUR_S for n in (3, 2, 1, 0)]


async def test_a_wide_range_gives_the_bars_nearest_to_its_end(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from=0&to={LAST_S}")).json

    assert (len(body["t"]), body["t"][-1]) == (1000, LAST_S - HOUR_S)


async def test_after_the_last_bar_there_is_no_data_and_it_is_pointed_at(house: House) -> None:
    body = (await house.get(f"{HISTORY}&from={NOW_S + HOUR_S}&to={NOW_S + 9 * HOUR_S}")).json

    del body["meta"]
    assert body == {"s": "no_data", "nextTime": LAST_S}


async def test_a_hole_in_the_data_is_no_data_and_the_bar_before_it_is_pointed_at() -> None:
    # Binance gives the newest bars up to the end of a range, wherever they are
    before = LAST_S - 100 * HOUR_S
    upstream = {TICKERS: [ticker("BTCUSDT", 100.0)], BARS: [bar(before * 1000, 100.0)]}
    async with House(upstream=canned(upstream)) as house:
        target = f"{HISTORY}&from={LAST_S - 9 * HOUR_S}&to={LAST_S - 5 * HOUR_S}"
        body = (await house.get(target)).json

    assert (body["s"], body["nextTime"]) == ("no_data", before)


@pytest.mark.parametrize("span", ["from=0&to=1000", "from=-99999&to=5", "from=1000&to=1262304000"])
async def test_before_all_trading_there_is_no_data_and_nothing_before_it(
    house: House, span: str
) -> None:
    answer = await house.get(f"{HISTORY}&{span}")

    assert answer.status == 200
    assert answer.json["s"] == "no_data"
    assert "nextTime" not in answer.json


async def test_before_a_coin_was_listed_a_count_back_finds_no_data(house: House) -> None:
    answer = await house.get(_history("BTCUSDT", "1D", 1_300_000_000, countback=300))

    assert (answer.status, answer.json["s"]) == (200, "no_data")


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/udf/symbols?symbol=NOSUCH", 404, "INVALID_SYMBOL"),
        ("/udf/symbols?symbol=DREAMMAKER:NOSUCHUSDT", 404, "INVALID_SYMBOL"),
        ("/udf/symbols?symbol=%23%23%23", 400, "INVALID_PARAMETER"),
        ("/udf/history?symbol=NOSUCH&resolution=60&from=0&to=9&countback=9", 404, "INVALID_SYMBOL"),
        (HISTORY.replace("=60", "=7") + "&from=0&to=9", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=9&to=9", 400, "INVALID_PARAMETER"),
        ("/udf/quotes?symbols=,", 400, "INVALID_PARAMETER"),
        ("/udf/quotes", 400, "INVALID_PARAMETER"),
        ("/udf/symbols", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=yesterday&to=now", 400, "INVALID_PARAMETER"),
        (HISTORY + "&from=0&to=9&countback=-1", 400, "INVALID_PARAMETER"),
        ("/udf/search?query=BTC&limit=many", 400, "INVALID_PARAMETER"),
        ("/udf/marks?symbol=BTCUSDT", 404, "NOT_FOUND"),
        ("/udf", 404, "NOT_FOUND"),
        ("/udf/search?query=" + "B" * 9000, 414, "INVALID_PARAMETER"),
    ],
)
async def test_a_refusal_is_readable_for_charts_and_for_everybody_else(
    house: House, target: str, status: int, code: str
) -> None:
    answer = await house.get(target)

    body = answer.json
    assert answer.status == status
    assert (body["s"], body["errmsg"]) == ("error", body["error"]["message"])
    assert (body["success"], body["error"]["code"], body["timestamp"]) == (False, code, NOW_MS)
    assert answer.headers["content-type"] == "application/json"


async def test_another_method_is_refused_in_charts_words(house: House) -> None:
    answer = await house.post("/udf/history", {})

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json["s"] == "error"
    assert answer.json["errmsg"] == answer.json["error"]["message"]


async def test_too_many_requests_are_refused_in_charts_words() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get("/udf/config")
        answer = await house.get("/udf/config")

    assert (answer.status, answer.json["s"]) == (429, "error")
    assert answer.json["errmsg"] == answer.json["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


async def test_who_prefers_problem_documents_has_them_with_charts_words(house: House) -> None:
    answer = await house.get("/udf/symbols?symbol=NOSUCH", accept="application/problem+json")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == 404
    assert (answer.json["s"], answer.json["errmsg"]) == ("error", answer.json["detail"])


async def test_other_paths_are_refused_without_charts_words(house: House) -> None:
    for target in ("/udfs", "/api/udf/config", "/api/price/NOSUCH"):
        assert set((await house.get(target)).json) == {"success", "error", "timestamp"}


@pytest.mark.parametrize(
    "target",
    [
        "/udf/symbols?symbol=BTCUSDT",
        "/udf/search?query=BTC",
        f"{HISTORY}&from={NOW_S - HOUR_S}&to={NOW_S}",
        "/udf/quotes?symbols=BTCUSDT",
    ],
)
async def test_when_all_sources_are_down_the_chart_is_told(target: str) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            house.sandbox.state.faults.set(source, "500")
        answer = await house.get(target)

    assert (answer.status, answer.json["s"]) == (503, "error")
    assert answer.json["error"]["code"] == "UPSTREAM_UNAVAILABLE"


async def test_a_refusal_is_not_kept(house: House) -> None:
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    await house.get("/udf/quotes?symbols=BTCUSDT")
    house.sandbox.state.faults.clear()
    house.clock.advance(60)

    assert (await house.get("/udf/quotes?symbols=BTCUSDT")).json["d"][0]["s"] == "ok"


async def test_quotes_carry_the_last_day(house: House) -> None:
    body = (await house.get("/udf/quotes?symbols=BTCUSDT,DREAMMAKER:ETHUSDT")).json

    assert body["s"] == "ok"
    assert [row["n"] for row in body["d"]] == ["BTCUSDT", "DREAMMAKER:ETHUSDT"]
    senses = dict.fromkeys(
        ("lp", "ask", "bid", "open_price", "high_price", "low_price", "prev_close_price"), positive
    ) | {"ch": number, "chp": percent, "spread": number, "volume": number, "short_name": text}
    assert nonsense([row["v"] for row in body["d"]], senses) == []


async def test_a_change_in_percent_and_in_money_agree() -> None:
    upstream = {TICKERS: [ticker("BTCUSDT", 110.0)]}  # a tenth more than a day ago
    async with House(upstream=canned(upstream)) as house:
        quoted = (await house.get("/udf/quotes?symbols=BTCUSDT")).json["d"][0]["v"]

    assert quoted["chp"] == 10.0
    assert quoted["ch"] == pytest.approx(10.0)
    assert quoted["open_price"] == pytest.approx(100.0)
    assert (quoted["ask"], quoted["bid"], quoted["spread"]) == (111.0, 109.0, 2.0)


async def test_one_bad_symbol_among_quotes_is_an_error_of_its_own(house: House) -> None:
    answer = await house.get("/udf/quotes?symbols=BTCUSDT,NOSUCH,%23")

    assert answer.status == 200
    assert [row["s"] for row in answer.json["d"]] == ["ok", "error", "error"]
    assert answer.json["d"][1]["errmsg"] == "Symbol NOSUCH/USDT is not supported"


@pytest.mark.parametrize(
    ("query", "first"),
    [("BTC", "BTCUSDT"), ("eth", "ETHUSDT"), ("ETHUSDC", "ETHUSDC"), ("ethereum", "ETHUSDT")],
)
async def test_the_search_finds_by_symbol_and_by_name(house: House, query: str, first: str) -> None:
    rows = (await house.get(f"/udf/search?query={query}&limit=5")).json

    assert rows[0]["symbol"] == first
    assert len(rows) <= 5
    names = ("symbol", "full_name", "description", "exchange", "ticker", "type")
    assert nonsense(rows, dict.fromkeys(names, text)) == []


async def test_the_search_without_words_lists_the_largest(house: House) -> None:
    rows = (await house.get("/udf/search?query=&limit=2")).json

    assert rows[0]["symbol"] == "BTCUSDT"


@pytest.mark.parametrize("filters", ["type=stock", "exchange=NYSE"])
async def test_the_search_keeps_to_its_filters(house: House, filters: str) -> None:
    assert (await house.get(f"/udf/search?query=BTC&{filters}")).json == []


async def test_every_symbol_that_is_found_can_be_resolved(house: House) -> None:
    rows = (await house.get("/udf/search?query=&limit=60")).json

    for row in rows:
        answer = await house.get(f"/udf/symbols?symbol={row['ticker']}")
        assert (answer.status, answer.json["name"]) == (200, row["symbol"])
