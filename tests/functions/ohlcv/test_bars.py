"""GET /api/ohlcv: the newest bars."""

import pytest

from lib.timeframes import TIMEFRAME_MS, open_of
from tests.functions.ohlcv.hours import BTC, CANNED, DAY_MS, HOUR_MS, LAST_MS
from tests.house import NOW_MS, House, canned


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
