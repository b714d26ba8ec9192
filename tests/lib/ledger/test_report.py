"""The ledger's report, against sums done by hand."""

from math import exp
from statistics import NormalDist

import pytest
from msgspec import UNSET

from lib.ledger.records import LEVELS
from lib.ledger.report import build_report, crps
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, forecast, signal


def test_nothing_recorded_is_an_empty_report() -> None:
    report = build_report((), ())

    assert (report.recorded, report.scored, report.forecasts, report.signals) == (0, 0, [], [])


def test_what_is_not_due_is_counted_but_not_scored() -> None:
    report = build_report([forecast()], [signal()])

    assert (report.recorded, report.scored) == (2, 0)


def test_coverage_is_the_share_inside_the_bounds() -> None:
    outcomes = (100.5, 102.5, 103.9, 104.5)  # the bounds are 98..102 and 96..104
    rows = [forecast(id=str(at), outcome=close) for at, close in enumerate(outcomes)]

    [score] = build_report(rows, ()).forecasts

    assert (score.n, score.coverage_80, score.coverage_95) == (4, 0.25, 0.75)


def test_a_hit_is_a_move_to_the_likelier_side_and_no_move_does_not_count() -> None:
    rows = [
        forecast(id="a", probability_up=0.6, outcome=101.0),
        forecast(id="b", probability_up=0.6, outcome=99.0),
        forecast(id="c", probability_up=0.4, outcome=99.0),
        forecast(id="d", probability_up=0.4, outcome=100.0),
        forecast(id="e", probability_up=None, outcome=101.0),
    ]

    [score] = build_report(rows, ()).forecasts

    assert (score.directions, score.hit_rate) == (3, 0.6667)


def test_crps_is_twice_the_mean_pinball_loss() -> None:
    # at 0 for all levels an outcome of 1 loses `level` each: the mean level is one half
    assert crps(1.0, [0.0] * len(LEVELS)) == pytest.approx(1.0)
    assert crps(-1.0, [0.0] * len(LEVELS)) == pytest.approx(1.0)


def test_a_forecast_that_knew_beats_the_random_walk_and_one_that_is_off_does_not() -> None:
    known = forecast(quantiles=(104.99,) * 4 + (105.0,) * 5, outcome=105.0)
    off = forecast(quantiles=(50.0,) * 9, outcome=105.0)

    [good], [bad] = build_report([known], ()).forecasts, build_report([off], ()).forecasts

    assert good.crps_ratio is not None
    assert good.crps_ratio < 0.01
    assert bad.crps_ratio is not None
    assert bad.crps_ratio > 5


def test_the_random_walk_itself_has_a_ratio_of_one() -> None:
    walk = tuple(100 * exp(0.02 * NormalDist().inv_cdf(level)) for level in LEVELS)

    [score] = build_report([forecast(quantiles=walk, outcome=103.0)], ()).forecasts

    assert score.crps_ratio == 1.0


def test_without_a_reference_there_is_no_ratio() -> None:
    [score] = build_report([forecast(reference_sigma=None, outcome=101.0)], ()).forecasts

    assert score.crps_ratio is None


def test_symbols_are_told_apart_beside_the_whole() -> None:
    rows = [forecast(outcome=101.0), forecast(id="f2", symbol="ETH/USDT", outcome=99.0)]

    report = build_report(rows, ())

    assert [(s.symbol, s.n) for s in report.forecasts] == [(None, 2)]
    assert [(s.symbol, s.n) for s in report.forecasts_by_symbol] == [
        ("BTC/USDT", 1),
        ("ETH/USDT", 1),
    ]


def test_signals_are_judged_all_and_gains_counted_of_those_taken() -> None:
    rows = [
        signal(id="a", outcome="target", realized_r=2.0),
        signal(id="b", outcome="stop", realized_r=-1.0),
        signal(id="c", outcome="target", realized_r=2.0, type="hold", confidence=0.7),
        signal(id="d"),
    ]

    report = build_report((), rows)

    [score] = report.signals
    assert (score.n, score.taken, score.confidence) == (3, 2, 0.5)
    assert (score.target_rate, score.stop_rate, score.mean_r) == (0.6667, 0.3333, 0.5)
    assert [(b.low, b.n, b.said, b.happened) for b in report.signal_reliability] == [
        (0.4, 2, 0.4, 0.5),
        (0.7, 1, 0.7, 1.0),
    ]


def test_bins_are_told_of_all_symbols_together() -> None:
    report = build_report([forecast(outcome=101.0)], [signal(outcome="stop", realized_r=-1.0)])

    assert [bin_.n for bin_ in report.forecasts[0].reliability or ()] == [1]
    assert [bin_.n for bin_ in report.signals[0].reliability or ()] == [1]
    assert report.forecasts_by_symbol[0].reliability is UNSET
    assert report.signals_by_symbol[0].reliability is UNSET


def test_how_well_chances_told_is_judged_by_brier_and_by_calibration() -> None:
    rows = [
        forecast(
            id=str(at),
            probability_up=0.6,
            outcome=101.0 if at % 10 < 6 else 99.0,
            origin_ms=ORIGIN_MS + at * HOUR_MS,
        )
        for at in range(240)
    ]

    [score] = build_report(rows, ()).forecasts

    assert (score.directions, score.hit_rate, score.brier) == (240, 0.6, 0.24)
    assert score.hit_rate_low is not None
    assert score.hit_rate_high is not None
    assert score.hit_rate_low < 0.6 < score.hit_rate_high
    assert score.ece is not None
    assert score.ece < 0.06
