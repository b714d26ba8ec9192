"""GET /api/trading/backtest/historical/{symbol}: what the newest client refuses is never sent."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from lib.timeframes import DAY_MS, TIMEFRAME_MS, open_of
from tests.functions.published import unexplained
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS, House, canned

HOUR_MS = 3_600_000
LAST_MS = open_of(NOW_MS, "1h")
BTC = "/api/trading/backtest/historical/BTCUSDT?timeframe=1h&exchange=binance"


def usable(body: Mapping[str, Any], step_ms: int, now_ms: int) -> bool:
    """Whether the newest client would take this answer, by its own rules."""
    candles = body["candles"]
    if body["success"] is not True or body["exchange"] not in ("binance", "kucoin"):
        return False
    opens = [candle["timestamp"] for candle in candles]
    whole = all(
        candle["open"] > 0
        and candle["close"] > 0
        and candle["high"] >= max(candle["open"], candle["close"])
        and candle["low"] <= min(candle["open"], candle["close"])
        and candle["volume"] >= 0
        for candle in candles
    )
    steps = {later - earlier for earlier, later in pairwise(opens)}
    return (
        whole
        and len(opens) >= 2
        and steps == {step_ms}
        and opens[-1] + step_ms <= now_ms  # closed
        and opens[-1] >= now_ms - 3 * step_ms  # not old
    )


@pytest.mark.parametrize("days", [1, 7, 21, 30, 90, 365])
async def test_the_newest_client_takes_what_it_asks_for(house: House, days: int) -> None:
    body = (await house.get(f"{BTC}&days={days}")).json

    assert usable(body, HOUR_MS, NOW_MS)
    assert body["count"] == len(body["candles"]) == days * 24
    assert body["candles"][-1]["timestamp"] == LAST_MS - HOUR_MS


@pytest.mark.parametrize("frame", ["15m", "4h", "1d", "1w"])
async def test_other_time_frames_are_whole_too(house: House, frame: str) -> None:
    body = (await house.get(f"{BTC}&days=60&timeframe={frame}")).json

    assert usable(body, TIMEFRAME_MS[frame], NOW_MS)


async def test_the_running_bar_is_never_sent(house: House) -> None:
    house.clock.advance(3500 - NOW_MS // 1000 % 3600)  # most of the hour is over
    body = (await house.get(f"{BTC}&days=2")).json

    assert body["candles"][-1]["timestamp"] == open_of(house.clock.now_ms(), "1h") - HOUR_MS


async def test_the_exchange_is_the_one_that_answered() -> None:
    async with House(faults={"binance": "500"}) as house:
        answer = await house.get(f"{BTC}&days=7")

    assert answer.json["exchange"] == "kucoin"
    assert answer.headers["x-source"] == "kucoin"
    assert usable(answer.json, HOUR_MS, NOW_MS)


async def test_bars_of_a_third_exchange_are_not_passed_off_as_another_s() -> None:
    async with House(faults={"binance": "500", "kucoin": "500"}) as house:
        answer = await house.get(f"{BTC}&days=7")

    assert (answer.status, answer.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")
    assert answer.error["details"]["answered_by"] == "okx"


async def test_bars_that_are_kept_too_long_are_refused(house: House) -> None:
    house.clock.advance(24 * 3600)  # into the middle of a stretch of bars: that one is kept
    began_ms = house.clock.now_ms()
    await house.get(f"{BTC}&days=2")
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")

    house.clock.advance(3600)
    kept = await house.get(f"{BTC}&days=2")
    house.clock.advance(2 * 3600)
    old = await house.get(f"{BTC}&days=2")

    assert kept.json["meta"]["degraded"] is True
    assert usable(kept.json, HOUR_MS, began_ms + HOUR_MS)
    assert (old.status, old.error["code"]) == (503, "UPSTREAM_UNAVAILABLE")


async def test_old_bars_are_asked_for_once(house: House) -> None:
    await house.get(f"{BTC}&days=365")
    house.clock.advance(61)
    house.app._pantry.clear()
    calls = house.calls

    again = await house.get(f"{BTC}&days=365")
    await house.get(f"{BTC}&days=365")

    assert again.status == 200
    assert house.calls - calls <= 2  # the newest stretch, and perhaps the list of pairs


async def test_a_young_coin_has_what_there_is_and_the_reply_says_so() -> None:
    bars = [bar(LAST_MS - n * HOUR_MS, 100.0) for n in range(5, -1, -1)]
    upstream = {TICKERS: [ticker("BTCUSDT", 100.0)], BARS: bars}
    async with House(upstream=canned(upstream)) as house:
        body = (await house.get(f"{BTC}&days=2")).json

    assert [c["timestamp"] for c in body["candles"]] == [
        LAST_MS - n * HOUR_MS for n in range(5, 0, -1)
    ]
    assert body["meta"]["missing"] == {"candles": "binance has no unbroken series that is longer"}
    assert unexplained(body) == set()


async def test_more_bars_than_can_be_given_are_refused_with_the_widest_range(house: House) -> None:
    answer = await house.get(f"{BTC.replace('1h', '1m')}&days=7")

    assert (answer.status, answer.error["code"]) == (400, "RANGE_TOO_LARGE")
    assert answer.error["details"] == {"max_bars": 10_000, "max_days": 10_000 * 60_000 // DAY_MS}


async def test_an_unknown_symbol_is_refused(house: House) -> None:
    answer = await house.get("/api/trading/backtest/historical/NOSUCHUSDT?timeframe=1h&days=7")

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")


async def test_what_neither_exchange_lists_is_no_failure_of_theirs(house: House) -> None:
    answer = await house.get("/api/trading/backtest/historical/USDT")

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")
    assert answer.error["details"]["symbol"] == "USDT/USD"
