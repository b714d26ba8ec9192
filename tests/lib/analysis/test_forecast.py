"""Forecasts of the shipped models: lawful for any history, and blind to the future."""

import math
from collections.abc import Callable
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.analysis.ensemble import load_ensemble
from lib.analysis.features import measure
from lib.analysis.forecast import TIMEFRAMES, Forecaster, call, probability_up
from lib.analysis.network import LEVELS, MEDIAN
from lib.analysis.series import grid
from lib.errors import InsufficientData, InvalidParameter
from lib.market import Candle
from lib.outlook import Forecast
from lib.timeframes import TIMEFRAME_MS
from tests.lib.analysis.conftest import MODELS, make_rows, to_candles

Make = Callable[..., list[Candle]]


def width(forecast: Forecast, step: int = -1) -> float:
    """Relative width of the interval."""
    last = forecast.steps[step]
    return (last.upper - last.lower) / forecast.current_price


def assert_lawful(forecast: Forecast) -> None:
    """Finite, positive, ordered by level, and never narrower farther ahead."""
    widths = []
    for step in forecast.steps:
        numbers = (step.price, step.lower, step.upper, *step.quantiles)
        assert all(math.isfinite(x) and x > 0 for x in numbers)
        assert step.lower <= step.price <= step.upper
        assert list(step.quantiles) == sorted(step.quantiles)
        widths.append(step.upper - step.lower)
    assert all(b >= a * (1 - 1e-12) for a, b in pairwise(widths))
    assert all(b.lower <= a.lower * (1 + 1e-12) for a, b in pairwise(forecast.steps))
    assert all(b.upper >= a.upper * (1 - 1e-12) for a, b in pairwise(forecast.steps))
    assert forecast.probability_up is None or 0 < forecast.probability_up < 1


@pytest.mark.parametrize("timeframe", TIMEFRAMES)
@pytest.mark.parametrize("horizon", [1, 24, 168])
def test_a_forecast_has_a_step_for_each_bar_at_its_close(
    timeframe: str, horizon: int, forecaster: Forecaster, candles: Make
) -> None:
    history = candles(700, timeframe=timeframe)
    step = TIMEFRAME_MS[timeframe]

    forecast = forecaster.forecast(history, timeframe, horizon)

    assert_lawful(forecast)
    closes = history[-1].open_ms + step
    assert forecast.time_ms == closes
    assert [x.time_ms for x in forecast.steps] == [closes + (k + 1) * step for k in range(horizon)]
    assert forecast.current_price == history[-1].close
    assert forecast.model == "ensemble_v3"


def test_a_day_ahead_is_wider_than_an_hour_ahead(forecaster: Forecaster, candles: Make) -> None:
    forecast = forecaster.forecast(candles(700), "1h", 24)
    assert width(forecast, 23) > 2 * width(forecast, 0)


def test_a_surer_interval_is_wider(forecaster: Forecaster, candles: Make) -> None:
    widths = [
        width(forecaster.forecast(candles(700), "1h", 6, interval))
        for interval in (0.5, 0.8, 0.9, 0.95, 0.99)
    ]
    assert widths == sorted(widths)
    assert len(set(widths)) == 5


def test_the_stated_interval_is_between_its_quantiles(
    forecaster: Forecaster, candles: Make
) -> None:
    forecast = forecaster.forecast(candles(700), "1h", 12, 0.8)
    for step in forecast.steps:
        told = dict(zip(forecast.levels, step.quantiles, strict=True))
        assert step.lower == pytest.approx(told[0.1])
        assert step.upper == pytest.approx(told[0.9])
        assert step.price == told[0.5]


def test_many_symbols_at_once_are_as_one_by_one(forecaster: Forecaster, candles: Make) -> None:
    batch = [candles(700, seed=1), candles(90, seed=2), candles(2000, seed=3)]

    together = forecaster.forecast_many(batch, "1h", 24)

    for alone, one in zip((forecaster.forecast(x, "1h", 24) for x in batch), together, strict=True):
        assert one.steps[-1].upper == pytest.approx(alone.steps[-1].upper, rel=1e-5)
        assert one.probability_up == pytest.approx(alone.probability_up, rel=1e-4)


def test_the_same_question_has_the_same_answer(candles: Make) -> None:
    first, second = (
        Forecaster({"1h": load_ensemble(MODELS / "price_1h.npz")}).forecast(candles(700), "1h", 24)
        for _ in range(2)
    )
    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_a_longer_history_than_is_read_changes_nothing(
    forecaster: Forecaster, candles: Make
) -> None:
    history = candles(1500)
    long, short = (forecaster.forecast(x, "1h", 24) for x in (history, history[-640:]))
    assert long.steps[-1].upper == pytest.approx(short.steps[-1].upper, rel=1e-9)


@pytest.mark.parametrize("timeframe", TIMEFRAMES)
def test_shuffling_the_future_changes_no_forecast(
    timeframe: str, forecaster: Forecaster, rows: Callable[..., np.ndarray]
) -> None:
    history = rows(1000, timeframe=timeframe)
    other = history.copy()
    other[800:, 1:] = np.random.default_rng(0).permutation(history[800:, 1:]) * 1.4
    at = np.arange(700, 800)

    known, shuffled = (
        forecaster.judge_bars(measure(grid(x, timeframe), timeframe), timeframe, at * 0, at)
        for x in (history, other)
    )

    for ours, theirs in zip(known, shuffled, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_past_bar_is_judged_as_it_was_when_it_was_the_last(
    forecaster: Forecaster, rows: Callable[..., np.ndarray], as_candles: Callable[..., list[Candle]]
) -> None:
    history = rows(1200)
    at = np.array([900])

    later = forecaster.judge_bars(measure(grid(history, "1h"), "1h"), "1h", at * 0, at)
    then = forecaster.judge([as_candles(history[:901])], "1h").judgement

    for ours, theirs in zip(later, then, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-7)


def test_too_short_a_history_says_so(forecaster: Forecaster, candles: Make) -> None:
    with pytest.raises(InsufficientData) as refused:
        forecaster.forecast(candles(24), "1h", 24)
    assert refused.value.details == {"have": 24, "need": 50}


@pytest.mark.parametrize("horizon", [0, -1, 169])
def test_a_horizon_out_of_range_is_refused(
    horizon: int, forecaster: Forecaster, candles: Make
) -> None:
    with pytest.raises(InvalidParameter, match="horizon"):
        forecaster.forecast(candles(100), "1h", horizon)


@pytest.mark.parametrize("interval", [0.0, 0.49, 0.999, float("nan")])
def test_an_interval_out_of_range_is_refused(
    interval: float, forecaster: Forecaster, candles: Make
) -> None:
    with pytest.raises(InvalidParameter, match="interval"):
        forecaster.forecast(candles(100), "1h", 24, interval)


def test_a_time_frame_without_a_model_is_refused(forecaster: Forecaster, candles: Make) -> None:
    with pytest.raises(InvalidParameter, match="1h, 4h, 1d"):
        forecaster.forecast(candles(100), "5m", 24)


def test_a_price_that_never_moved_gets_a_wide_interval_and_a_note(forecaster: Forecaster) -> None:
    flat = make_rows(700)
    flat[:, 1:5], flat[:, 5] = 42.0, 0.0

    forecast = forecaster.forecast(to_candles(flat), "1h", 24)

    assert_lawful(forecast)
    assert width(forecast) > 0.03
    assert any("moved in only 0" in note for note in forecast.notes)


def test_a_spike_makes_the_interval_wider(forecaster: Forecaster) -> None:
    history = make_rows(700)
    spiked = history.copy()
    spiked[650, 1:5] *= 100

    calm, wild = (forecaster.forecast(to_candles(x), "1h", 24) for x in (history, spiked))

    assert_lawful(wild)
    assert width(wild) > 1.5 * width(calm)


def test_a_spike_at_the_last_close_is_survived(forecaster: Forecaster) -> None:
    spiked = make_rows(700)
    spiked[-1, [2, 4]] *= 100

    assert_lawful(forecaster.forecast(to_candles(spiked), "1h", 168))


def test_no_volume_at_all_is_survived(forecaster: Forecaster) -> None:
    silent = make_rows(700)
    silent[:, 5] = 0

    assert_lawful(forecaster.forecast(to_candles(silent), "1h", 168))


def test_holes_make_the_interval_wider_and_are_told(forecaster: Forecaster) -> None:
    history = make_rows(700)
    holed = np.delete(history, np.arange(660, 690), axis=0)

    whole, with_hole = (forecaster.forecast(to_candles(x), "1h", 24) for x in (history, holed))

    assert_lawful(with_hole)
    assert width(with_hole) > width(whole)
    assert any(note.startswith("30 candles without trades") for note in with_hole.notes)


def test_fifty_candles_are_enough_and_wider_than_many(forecaster: Forecaster) -> None:
    history = make_rows(700)

    short, long = (forecaster.forecast(to_candles(x), "1h", 24) for x in (history[-50:], history))

    assert_lawful(short)
    assert any(note.startswith("Only 50 candles") for note in short.notes)
    assert not long.notes


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    closes=st.lists(st.floats(1e-8, 1e8), min_size=50, max_size=90),
    volume=st.floats(0, 1e12),
    data=st.data(),
)
def test_any_lawful_prices_get_a_lawful_forecast(
    closes: list[float], volume: float, data: st.DataObject
) -> None:
    hour = TIMEFRAME_MS["1h"]
    gone = data.draw(st.sets(st.integers(0, len(closes) - 1), max_size=len(closes) - 50))
    history = [
        Candle(i * hour, x, x * 1.01, x * 0.99, x, volume, True)
        for i, x in enumerate(closes)
        if i not in gone
    ]

    assert_lawful(_shipped().forecast(history, "1h", 168))


def _shipped(kept: list[Forecaster] = []) -> Forecaster:  # noqa: B006 - loaded once, on purpose
    if not kept:
        kept.append(Forecaster({"1h": load_ensemble(MODELS / "price_1h.npz")}))
    return kept[0]


def test_beyond_a_day_of_bars_no_direction_is_claimed(
    forecaster: Forecaster, candles: Make
) -> None:
    forecast = forecaster.forecast(candles(700), "1h", 25)
    assert (forecast.direction, forecast.probability_up) == ("neutral", None)


@pytest.mark.parametrize(
    ("up", "bars", "said"),
    [
        (0.54, 24, "bullish"),
        (0.52, 24, "neutral"),
        (0.46, 24, "bearish"),
        (0.48, 6, "neutral"),
        (0.52, 1, "bullish"),
        (0.505, 1, "neutral"),
        (None, 100, "neutral"),
    ],
)
def test_a_direction_is_named_only_clear_of_one_half(
    up: float | None, bars: int, said: str
) -> None:
    assert call(up, bars) == said


def test_between_the_learnt_horizons_the_chance_is_between(forecaster: Forecaster) -> None:
    up = np.array([0.6, 0.5, 0.4])
    assert probability_up(up, 1) == pytest.approx(0.6)
    assert 0.5 < (probability_up(up, 3) or 0) < 0.6
    assert probability_up(up, 24) == pytest.approx(0.4)


def test_levels_are_symmetric_about_the_median() -> None:
    assert [round(1 - x, 3) for x in reversed(LEVELS)] == [round(x, 3) for x in LEVELS]
    assert LEVELS[MEDIAN] == 0.5


def test_the_shipped_models_are_small() -> None:
    assert sum(x.stat().st_size for x in MODELS.iterdir()) <= 1_000_000
