"""GET /api/ohlcv."""

from typing import Any

import pytest

from functions.ohlcv import OhlcvRequest, candle_query
from lib.market import Pair
from lib.timeframes import TIMEFRAME_MS, open_of
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LAST_MS = open_of(NOW_MS, "1h")
BTC = "/api/ohlcv?symbol=BTC"

CANNED = {
    TICKERS: [ticker("BTCUSDT", 107.0)],
    BARS: [bar(LAST_MS - HOUR_MS, 104.0), bar(LAST_MS, 105.0)],
}


async def test_bars_have_short_keys_and_the_running_one_is_not_closed() -> None:
    async with House(upstream=canned(CANNED)) as house:
        body = (await house.get(f"{BTC}&timeframe=1h")).json

    del body["meta"]
    assert body == {
        "success": True,
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "data": [
            {
                "t": LAST_MS - HOUR_MS,
                "o": 100.0,
                "h": 114.0,
                "l": 90.0,
                "c": 104.0,
                "v": 2.0,
                "q": 208.0,
                "closed": True,
            },
            {
                "t": LAST_MS,
                "o": 100.0,
                "h": 115.0,
                "l": 90.0,
                "c": 105.0,
                "v": 2.0,
                "q": 210.0,
                "closed": False,
            },
        ],
    }


@pytest.mark.parametrize("timeframe", list(TIMEFRAME_MS))
async def test_bars_ascend_without_gaps_and_the_running_one_is_last(
    house: House, timeframe: str
) -> None:
    body = (await house.get(f"{BTC}&timeframe={timeframe}&limit=50")).json

    opens = [row["t"] for row in body["data"]]
    last = open_of(NOW_MS, timeframe)
    assert opens == [last - n * TIMEFRAME_MS[timeframe] for n in range(49, -1, -1)]
    assert [row["closed"] for row in body["data"]] == [True] * 49 + [False]
    assert all(row["l"] <= min(row["o"], row["c"]) for row in body["data"])
    assert all(row["h"] >= max(row["o"], row["c"]) for row in body["data"])


async def test_days_open_at_midnight_and_weeks_on_monday(house: House) -> None:
    days = (await house.get(f"{BTC}&timeframe=1d&limit=3")).json["data"]
    weeks = (await house.get(f"{BTC}&timeframe=1w&limit=3")).json["data"]

    assert all(row["t"] % DAY_MS == 0 for row in days)
    assert all(row["t"] % (7 * DAY_MS) == 4 * DAY_MS for row in weeks)


@pytest.mark.parametrize("limit", [1, 2, 100, 199, 200, 201, 999, 1000])
async def test_the_newest_bars_are_given(house: House, limit: int) -> None:
    rows = (await house.get(f"{BTC}&timeframe=1h&limit={limit}")).json["data"]

    assert len(rows) == limit
    assert rows[-1]["t"] == LAST_MS


@pytest.mark.parametrize("limit", [1, 200, 1000])
async def test_closed_bars_only_are_just_as_many(house: House, limit: int) -> None:
    rows = (await house.get(f"{BTC}&timeframe=1h&limit={limit}&closed_only=1")).json["data"]

    assert len(rows) == limit
    assert rows[-1]["t"] == LAST_MS - HOUR_MS
    assert all(row["closed"] for row in rows)


async def test_a_hundred_bars_by_default(house: House) -> None:
    assert len((await house.get(f"{BTC}&timeframe=1h")).json["data"]) == 100


async def test_the_old_name_of_the_time_frame_is_understood(house: House) -> None:
    body = (await house.get(f"{BTC}&interval=4h&limit=2")).json

    assert body["timeframe"] == "4h"


# ranges


async def test_since_gives_the_first_bars_from_there(house: House) -> None:
    since = LAST_MS - 500 * HOUR_MS

    rows = (await house.get(f"{BTC}&timeframe=1h&limit=3&since={since}")).json["data"]

    assert [row["t"] for row in rows] == [since, since + HOUR_MS, since + 2 * HOUR_MS]


async def test_a_start_between_bars_means_the_next_bar(house: House) -> None:
    since = LAST_MS - 9 * HOUR_MS + 1

    rows = (await house.get(f"{BTC}&timeframe=1h&limit=2&since={since}")).json["data"]

    assert rows[0]["t"] == LAST_MS - 8 * HOUR_MS


async def test_until_gives_the_last_bars_up_to_there(house: House) -> None:
    until = LAST_MS - 9 * HOUR_MS

    rows = (await house.get(f"{BTC}&timeframe=1h&limit=2&until={until + 5}")).json["data"]

    assert [row["t"] for row in rows] == [until - HOUR_MS, until]
    assert all(row["closed"] for row in rows)


async def test_both_give_what_lies_between_and_the_limit_counts_from_the_start(
    house: House,
) -> None:
    since, until = LAST_MS - 9 * HOUR_MS, LAST_MS - 5 * HOUR_MS
    bounds = f"since={since}&until={until}"

    whole = (await house.get(f"{BTC}&timeframe=1h&{bounds}")).json["data"]
    cut = (await house.get(f"{BTC}&timeframe=1h&{bounds}&limit=2")).json["data"]

    assert [row["t"] for row in whole] == list(range(since, until + 1, HOUR_MS))
    assert cut == whole[:2]


async def test_a_range_up_to_now_ends_with_the_running_bar(house: House) -> None:
    rows = (
        await house.get(f"{BTC}&timeframe=1h&since={LAST_MS - 2 * HOUR_MS}&until={NOW_MS}")
    ).json["data"]

    assert [row["closed"] for row in rows] == [True, True, False]


async def test_a_range_within_a_bar_is_empty_and_says_why(house: House) -> None:
    body = (await house.get(f"{BTC}&timeframe=1d&since={NOW_MS - 2}&until={NOW_MS - 1}")).json

    assert body["data"] == []
    assert body["meta"]["missing"] == {"data": "no source has bars in this range"}


async def test_a_range_before_all_trading_is_empty_not_an_unknown_symbol(house: House) -> None:
    answer = await house.get(f"{BTC}&timeframe=1d&since=1000000000000&until=1001000000000")

    assert (answer.status, answer.json["data"]) == (200, [])


async def test_an_old_range_of_a_symbol_that_nobody_knows_is_an_unknown_symbol(
    house: House,
) -> None:
    answer = await house.get(
        "/api/ohlcv?symbol=NOSUCH&timeframe=1d&since=1000000000000&until=1001000000000"
    )

    assert answer.status == 404


async def test_closed_bars_of_the_past_keep_for_a_day(house: House) -> None:
    since, until = LAST_MS - 9 * HOUR_MS, LAST_MS - 5 * HOUR_MS

    answer = await house.get(f"{BTC}&timeframe=1h&since={since}&until={until}")

    assert answer.max_age == 86400


async def test_a_running_bar_is_never_taken_for_settled(house: House) -> None:
    target = f"{BTC}&timeframe=1h&since={LAST_MS - HOUR_MS}&until={LAST_MS}"
    running = (await house.get(target)).json["data"][-1]
    house.clock.advance(3600)

    closed = (await house.get(target)).json["data"][-1]

    assert (running["closed"], closed["closed"]) == (False, True)
    assert closed["v"] > running["v"]


async def test_askers_of_many_sizes_share_one_call(house: House) -> None:
    for limit in (1, 50, 100, 150, 200):
        await house.get(f"{BTC}&timeframe=1h&limit={limit}")

    assert house.calls == 1


async def test_the_next_source_answers_when_the_first_is_down(house: House) -> None:
    house.sandbox.state.faults.set("binance", "500")

    answer = await house.get(f"{BTC}&timeframe=1h&limit=3")

    assert answer.headers["x-source"] == "kucoin"
    assert [row["t"] for row in answer.json["data"]][-1] == LAST_MS


async def test_a_source_of_few_bars_serves_a_short_range_with_a_high_limit() -> None:
    async with House() as house:
        for source in ("binance", "kucoin", "okx", "coinbase"):
            house.sandbox.state.faults.set(source, "500")
        since, until = LAST_MS - 9 * HOUR_MS, LAST_MS - 5 * HOUR_MS
        answer = await house.get(f"{BTC}&timeframe=1h&limit=1000&since={since}&until={until}")

    assert answer.headers["x-source"] == "kraken"
    assert len(answer.json["data"]) == 5


# one price


async def test_the_running_bar_closes_at_the_tickers_price() -> None:
    async with House(upstream=canned(CANNED)) as house:
        await house.get("/api/price/BTC")
        answer = await house.get(f"{BTC}&timeframe=1h")

    # the bar said 105, the ticker 107; the bar's high of 115 covers it
    running = answer.json["data"][-1]
    assert (running["c"], running["h"], running["l"]) == (107.0, 115.0, 90.0)


async def test_a_price_beyond_the_bars_range_widens_it() -> None:
    far = CANNED | {TICKERS: [ticker("BTCUSDT", 200.0)]}
    async with House(upstream=canned(far)) as house:
        await house.get("/api/price/BTC")
        running = (await house.get(f"{BTC}&timeframe=1h")).json["data"][-1]

    assert (running["c"], running["h"], running["l"]) == (200.0, 200.0, 90.0)


async def test_a_ticker_of_another_source_or_hour_is_left_alone() -> None:
    old = CANNED | {TICKERS: [ticker("BTCUSDT", 200.0, closeTime=LAST_MS - 1)]}
    async with House(upstream=canned(old)) as house:
        await house.get("/api/price/BTC")
        running = (await house.get(f"{BTC}&timeframe=1h")).json["data"][-1]

    assert running["c"] == 105.0


@pytest.mark.parametrize("symbol", ["BTC", "SOL", "PEPE"])
async def test_market_price_ticker_and_running_bar_agree(house: House, symbol: str) -> None:
    row = (await house.get(f"/api/market?symbols={symbol}")).json
    price = (await house.get(f"/api/price/{symbol}")).json
    ticker_ = (await house.get(f"/api/ticker/{symbol}")).json
    bars = (await house.get(f"/api/ohlcv?symbol={symbol}&timeframe=1m&limit=2")).json

    prices = [row["items"][0]["price"], price["price"], ticker_["last"], bars["data"][-1]["c"]]
    assert prices == [prices[0]] * 4
    assert {one["meta"]["as_of"] for one in (row, price, ticker_, bars)} == {NOW_MS}
    assert row["meta"]["source"].split(",")[-1] == price["meta"]["source"] == "binance"


# the question


def question(**asked: Any) -> Any:
    """The feed's question for a request."""
    request = OhlcvRequest(symbol="BTC", timeframe="1h", **asked)
    return candle_query(request, Pair("BTC", "USDT"), NOW_MS)


@pytest.mark.parametrize(
    ("limit", "fetched"), [(1, 200), (200, 200), (201, 500), (501, 1000), (1000, 1000)]
)
def test_the_newest_bars_are_fetched_in_shared_sizes(limit: int, fetched: int) -> None:
    assert question(limit=limit).limit == fetched


def test_an_end_that_is_not_over_is_no_end() -> None:
    assert question(until=NOW_MS).until_ms is None
    assert question(until=NOW_MS + DAY_MS).until_ms is None
    assert question(until=LAST_MS - 1).until_ms == LAST_MS - HOUR_MS


def test_neighbouring_bounds_ask_the_same_question() -> None:
    one = question(since=LAST_MS - 9 * HOUR_MS, until=LAST_MS - 4 * HOUR_MS)
    other = question(since=LAST_MS - 9 * HOUR_MS - 7, until=LAST_MS - 4 * HOUR_MS + 7)

    assert one.key == other.key
