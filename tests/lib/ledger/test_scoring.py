"""What came of forecasts and signals, by the candles that followed."""

import pytest

from lib.ledger.ledger import open_ledger
from lib.ledger.scoring import end_of, outcomes, score_due
from lib.market import Candle, Candles
from lib.queries import CandleQuery
from tests.conftest import StillClock
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, bar, forecast, signal

pytestmark = pytest.mark.anyio

QUIET = [bar(0, 99, 101, 100), bar(1, 99, 101, 100), bar(2, 99, 104, 103)]


def test_a_forecast_is_judged_by_the_close_at_its_due_time() -> None:
    bars = {b.open_ms: b for b in (bar(0, 90, 120, 107), bar(1, 90, 120, 111))}

    assert outcomes([forecast()], bars) == [forecast(outcome=107)]


def test_without_its_bar_a_forecast_stays_open() -> None:
    assert outcomes([forecast()], {}) == []


def test_a_signal_with_a_bar_missing_on_its_way_stays_open() -> None:
    bars = {b.open_ms: b for b in (QUIET[0], QUIET[2])}

    assert outcomes([signal()], bars) == []


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ([QUIET[0], bar(1, 100, 110, 108)], ("target", 2.0)),
        ([QUIET[0], bar(1, 95, 101, 99)], ("stop", -1.0)),
        ([bar(0, 94, 111, 105)], ("stop", -1.0)),  # both in one bar: nobody knows which came first
        (QUIET, ("timeout", 0.6)),  # 3 of the 5 risked
    ],
)
def test_a_buy_ends_at_the_barrier_that_it_meets_first(
    path: list[Candle], end: tuple[str, float]
) -> None:
    assert end_of(signal(), path)[0] == end[0]
    assert end_of(signal(), path)[1] == pytest.approx(end[1])


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ([bar(0, 90, 101, 95)], ("target", 2.0)),
        ([bar(0, 99, 105, 104)], ("stop", -1.0)),
        (QUIET, ("timeout", -0.6)),
    ],
)
def test_a_sale_ends_the_other_way_round(path: list[Candle], end: tuple[str, float]) -> None:
    sold = signal(side="sell", type="sell", target=90.0, stop=105.0)

    outcome, gain = end_of(sold, path)

    assert outcome == end[0]
    assert gain == pytest.approx(end[1])


async def test_what_is_due_is_scored_once_and_what_is_not_waits() -> None:
    clock = StillClock(ORIGIN_MS + HOUR_MS + 10_000)
    ledger = open_ledger("sqlite://", clock, "live")
    asked: list[CandleQuery] = []

    async def fetch(query: CandleQuery) -> Candles:
        asked.append(query)
        return Candles(query.pair, query.timeframe, (bar(0, 90, 120, 107),), clock.now_ms())

    await ledger.record([forecast(), forecast(id="f2", due_ms=ORIGIN_MS + 2 * HOUR_MS)])
    first, second = await score_due(ledger, fetch), await score_due(ledger, fetch)
    await ledger.aclose()

    assert (first, second) == (1, 0)
    assert [(q.since_ms, q.until_ms) for q in asked] == [(ORIGIN_MS, ORIGIN_MS)]


async def test_a_coin_whose_sources_fail_does_not_hold_up_the_others() -> None:
    clock = StillClock(ORIGIN_MS + HOUR_MS + 10_000)
    ledger = open_ledger("sqlite://", clock, "live")

    async def fetch(query: CandleQuery) -> Candles:
        if query.pair.base == "BTC":
            raise OSError("down")
        return Candles(query.pair, query.timeframe, (bar(0, 90, 120, 107),), clock.now_ms())

    await ledger.record([forecast(), forecast(id="f2", symbol="ETH/USDT")])
    scored = await score_due(ledger, fetch)
    await ledger.aclose()

    assert scored == 1
