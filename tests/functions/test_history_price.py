"""GET /api/history/price/{symbol}."""

from typing import Any

import pytest

from lib.timeframes import open_of
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TODAY_MS = open_of(NOW_MS, "1d")
CHART = "/coingecko/api/v3/coins/bitcoin/market_chart/range"
BTC = "/api/history/price/BTC"


async def ask(house: House, target: str) -> Any:
    """The body of an answer."""
    answer = await house.get(target)
    assert answer.status == 200, answer
    return answer.json


async def test_a_point_is_a_bars_open_its_close_its_quote_volume_and_the_market_cap() -> None:
    first = TODAY_MS - 2 * DAY_MS
    upstream = {
        BARS: [bar(first, 110.0), bar(first + DAY_MS, 120.0, 3.0)],
        # caps are dated by the moment: the first day closes when the second begins
        CHART: {"market_caps": [[first, 1e9], [first + DAY_MS, 2e9], [first + 2 * DAY_MS, 3e9]]},
    }
    async with House(upstream=canned(upstream)) as house:
        body = await ask(house, f"{BTC}?from={first}&to={first + DAY_MS}")

    del body["meta"]
    assert body == {
        "success": True,
        "symbol": "BTC",
        "interval": "1d",
        "data": [
            {"timestamp": first, "price": 110.0, "volume": 220.0, "market_cap": 2e9},
            {"timestamp": first + DAY_MS, "price": 120.0, "volume": 360.0, "market_cap": 3e9},
        ],
    }


async def test_a_cap_of_another_bar_is_not_taken() -> None:
    first = TODAY_MS - 9 * DAY_MS
    upstream = {
        BARS: [bar(first + n * DAY_MS, 110.0) for n in range(5)],
        CHART: {"market_caps": [[first + DAY_MS, 2e9]]},
    }
    async with House(upstream=canned(upstream)) as house:
        body = await ask(house, f"{BTC}?from={first}&to={first + 4 * DAY_MS}")

    # the only cap is of the first bar's close; the second bar closes a whole bar after it
    assert [row["market_cap"] for row in body["data"]] == [2e9, 2e9, None, None, None]
    assert "data[].market_cap" in body["meta"]["missing"]


async def test_without_caps_prices_still_come_and_are_soon_asked_for_again() -> None:
    first = TODAY_MS - 9 * DAY_MS
    upstream = {BARS: [bar(first, 110.0)], CHART: 500}
    async with House(upstream=canned(upstream)) as house:
        answer = await house.get(f"{BTC}?from={first}&to={first + 1}")

    assert answer.json["data"][0]["market_cap"] is None
    assert answer.json["meta"]["missing"] == {"data[].market_cap": "coingecko unavailable"}
    assert answer.max_age == 10


async def test_caps_older_than_the_free_year_are_null_and_keep_their_day(house: House) -> None:
    first = TODAY_MS - 900 * DAY_MS

    answer = await house.get(f"{BTC}?from={first}&to={first + 5 * DAY_MS}")

    assert {row["market_cap"] for row in answer.json["data"]} == {None}
    assert answer.json["meta"]["missing"] == {"data[].market_cap": "no source has it"}
    assert answer.json["meta"]["degraded"] is False
    assert answer.max_age == 86400


@pytest.mark.parametrize(
    ("interval", "step_ms"), [("1h", HOUR_MS), ("1d", DAY_MS), ("1w", 7 * DAY_MS)]
)
async def test_points_are_the_bars_that_open_in_the_range(
    house: House, interval: str, step_ms: int
) -> None:
    last = open_of(NOW_MS, interval)
    first = last - 20 * step_ms

    body = await ask(house, f"{BTC}?from={first}&to={last}&interval={interval}")

    assert body["interval"] == interval
    assert [row["timestamp"] for row in body["data"]] == list(range(first, last + 1, step_ms))
    assert all(row["price"] > 0 and row["volume"] > 0 for row in body["data"])


async def test_bounds_between_bars_leave_out_what_opens_before_them(house: House) -> None:
    first = TODAY_MS - 5 * DAY_MS

    body = await ask(house, f"{BTC}?from={first + 1}&to={first + 3 * DAY_MS - 1}")

    assert [row["timestamp"] for row in body["data"]] == [first + DAY_MS, first + 2 * DAY_MS]


async def test_days_are_the_default(house: House) -> None:
    assert (await ask(house, f"{BTC}?from={TODAY_MS - DAY_MS}&to={NOW_MS}"))["interval"] == "1d"


async def test_a_day_of_the_past_keeps_for_a_day(house: House) -> None:
    answer = await house.get(f"{BTC}?from={TODAY_MS - 9 * DAY_MS}&to={TODAY_MS - 2 * DAY_MS}")

    assert answer.max_age == 86400


async def test_the_running_day_is_never_taken_for_settled(house: House) -> None:
    target = f"{BTC}?from={TODAY_MS - DAY_MS}&to={TODAY_MS}"
    running = (await ask(house, target))["data"][-1]
    house.clock.advance(86400)

    closed = (await ask(house, target))["data"][-1]

    assert closed["timestamp"] == running["timestamp"]
    assert closed["volume"] > running["volume"]
    assert closed["market_cap"] != running["market_cap"]


# how many


async def test_a_thousand_points_are_given_whole(house: House) -> None:
    first = open_of(NOW_MS, "1h") - 999 * HOUR_MS

    body = await ask(house, f"{BTC}?from={first}&to={NOW_MS}&interval=1h")

    assert len(body["data"]) == 1000
    assert body["data"][-1]["timestamp"] == open_of(NOW_MS, "1h")


async def test_a_point_more_is_refused_rather_than_dropped(house: House) -> None:
    first = open_of(NOW_MS, "1h") - 1000 * HOUR_MS

    answer = await house.get(f"{BTC}?from={first}&to={NOW_MS}&interval=1h")

    assert (answer.status, answer.error["code"]) == (400, "RANGE_TOO_LARGE")


async def test_a_range_of_the_width_that_the_refusal_names_is_allowed(house: House) -> None:
    refusal = await house.get(f"{BTC}?from=0&to={NOW_MS}&interval=1h")
    widest = refusal.error["details"]["max_range_ms"]

    answer = await house.get(f"{BTC}?from={NOW_MS - widest}&to={NOW_MS}&interval=1h")

    assert answer.status == 200


# months


async def test_months_begin_on_their_first_day_and_add_up_days(house: House) -> None:
    july, october = 1_751_328_000_000, 1_759_276_800_000  # 2025, at midnight UTC
    days = (await ask(house, f"{BTC}?from={july}&to={october - 1}"))["data"]

    months = (await ask(house, f"{BTC}?from={july}&to={october - 1}&interval=1M"))["data"]

    august, september = 1_754_006_400_000, 1_756_684_800_000
    assert [row["timestamp"] for row in months] == [july, august, september]
    for opened, closed, month in zip(
        (july, august, september), (august, september, october), months, strict=True
    ):
        own = [row for row in days if opened <= row["timestamp"] < closed]
        assert month["price"] == own[-1]["price"]
        assert month["volume"] == pytest.approx(sum(row["volume"] for row in own))


async def test_a_month_is_whole_although_the_range_ends_within_it(house: House) -> None:
    july, mid_july, august = 1_751_328_000_000, 1_752_537_600_000, 1_754_006_400_000

    [half] = (await ask(house, f"{BTC}?from={july}&to={mid_july}&interval=1M"))["data"]
    [whole] = (await ask(house, f"{BTC}?from={july}&to={august - 1}&interval=1M"))["data"]

    assert half == whole


async def test_the_running_month_is_the_last_one(house: House) -> None:
    november = 1_761_955_200_000

    body = await ask(house, f"{BTC}?from={november}&to={NOW_MS}&interval=1M")

    price = (await house.get("/api/price/BTC")).json["price"]
    assert [row["timestamp"] for row in body["data"]] == [november]
    assert body["data"][0]["price"] == price


async def test_many_years_of_months_cost_few_calls(house: House) -> None:
    body = await ask(house, f"{BTC}?from=0&to=2000000000000&interval=1M")

    opens = [row["timestamp"] for row in body["data"]]
    assert opens == sorted(set(opens))
    assert opens[-1] == 1_761_955_200_000
    assert house.calls < 40


async def test_a_range_before_all_trading_is_empty_and_says_so(house: House) -> None:
    for interval in ("1d", "1w", "1M"):
        body = await ask(house, f"{BTC}?from=1&to=1000000000&interval={interval}")

        assert body["data"] == []
        assert body["meta"]["missing"]["data"] == "no source has bars in this range"


async def test_a_range_of_the_future_is_empty(house: House) -> None:
    for interval in ("1h", "1M"):
        later = NOW_MS + 100 * DAY_MS
        body = await ask(house, f"{BTC}?from={later}&to={later + DAY_MS}&interval={interval}")

        assert body["data"] == []


async def test_an_unknown_symbol_is_unknown_in_any_range(house: House) -> None:
    for query in (f"from={NOW_MS - DAY_MS}&to={NOW_MS}", "from=1&to=1000000000&interval=1M"):
        answer = await house.get(f"/api/history/price/NOSUCH?{query}")

        assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")


async def test_another_quote_than_dollars_has_its_own_history() -> None:
    upstream = {BARS: [bar(TODAY_MS, 90.0)], TICKERS: [ticker("BTCEUR", 90.0)]}
    async with House(upstream=canned(upstream)) as house:
        body = await ask(house, f"/api/history/price/BTC-EUR?from={TODAY_MS}&to={NOW_MS}")

    assert (body["symbol"], body["data"][0]["price"]) == ("BTC/EUR", 90.0)


@pytest.mark.parametrize("left", ["kraken", "coinbase", "okx", "kucoin"])
async def test_each_venue_alone_serves_a_month_of_days(left: str) -> None:
    async with House() as house:
        for source in house.sandbox.state.faults.providers:
            if source != left:
                house.sandbox.state.faults.set(source, "500")
        body = await ask(house, f"{BTC}?from={TODAY_MS - 29 * DAY_MS}&to={NOW_MS}")

    assert body["meta"]["source"] == left
    assert len(body["data"]) == 30
