"""GET /api/ohlcv: bars since, until and between."""

from tests.functions.ohlcv.hours import BTC, HOUR_MS, LAST_MS
from tests.house import NOW_MS, House


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
