"""Forecasts and signals as the ledger keeps them."""

from math import exp, sqrt

import pytest

from lib.analysis.embedded import embedded_forecaster
from lib.analysis.forecast import TOLD
from lib.analysis.signals import signals
from lib.ledger.records import LEVELS, records_of, reference_sigma, signal_records
from lib.market import Candle
from lib.timeframes import HOUR_MS
from tests.functions.walks import LAST_MS, walk


def test_the_levels_are_those_that_the_models_tell() -> None:
    assert LEVELS == TOLD


@pytest.mark.parametrize(
    ("horizon", "kept"), [(1, [1]), (5, [1, 5]), (24, [1, 6, 24]), (100, [1, 6, 24, 100])]
)
def test_a_forecast_is_kept_at_shared_horizons_and_its_last_bar(
    horizon: int, kept: list[int]
) -> None:
    candles = walk(600)
    forecast = embedded_forecaster().forecast(candles, "1h", horizon)

    records = records_of(forecast, "BTC/USDT", candles, "live", LAST_MS + 5)

    assert [record.horizon for record in records] == kept
    assert [record.due_ms for record in records] == [LAST_MS + HOUR_MS * h for h in kept]
    assert {record.origin_ms for record in records} == {LAST_MS}
    assert len({record.id for record in records}) == len(kept)


def test_the_random_walk_spreads_with_the_root_of_time() -> None:
    candles = walk(600)
    forecast = embedded_forecaster().forecast(candles, "1h", 6)

    near, far = records_of(forecast, "BTC/USDT", candles, "live", 0)

    assert near.reference_sigma is not None
    assert far.reference_sigma == pytest.approx(near.reference_sigma * sqrt(6))


def test_the_deviation_is_that_of_the_last_500_moves() -> None:
    closes, price = [], 50.0
    for at in range(700):
        price *= exp(0.3 if at < 150 else 0.01 if at % 2 else -0.01)  # wild only long ago
        closes.append(price)
    candles = [Candle(at, c, c, c, c, 1.0, True, False, 1.0) for at, c in enumerate(closes)]

    assert reference_sigma(candles) == pytest.approx(0.01)
    assert reference_sigma(candles[:500]) is None


def test_a_market_that_stands_still_has_no_reference_and_no_signal_to_judge() -> None:
    still = [Candle(b.open_ms, 5, 5, 5, 5, 1.0, True, False, 5.0) for b in walk(600)]
    forecaster = embedded_forecaster()
    made = signals(forecaster.judge([still], "1h"), ["BTC/USDT"], forecaster.barriers("1h"))

    assert reference_sigma(still) is None
    assert signal_records(made, "live", 0) == []


def test_a_signal_is_due_when_its_bars_are_over() -> None:
    forecaster = embedded_forecaster()
    made = signals(forecaster.judge([walk(600)], "1h"), ["BTC/USDT"], forecaster.barriers("1h"))

    [record] = signal_records(made, "live", LAST_MS)

    assert record.due_ms == LAST_MS + 24 * HOUR_MS
    assert record.id == f"live|{made[0].id}"
