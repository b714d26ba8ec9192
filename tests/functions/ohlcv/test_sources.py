"""GET /api/ohlcv: what is kept, what is fetched, and from whom."""

from typing import Any

import pytest

from functions.ohlcv import OhlcvRequest, candle_query
from lib.market import Pair
from tests.functions.ohlcv.hours import BTC, DAY_MS, HOUR_MS, LAST_MS
from tests.house import NOW_MS, House


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
