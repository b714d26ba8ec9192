"""Whether probabilities were right, against sums done by hand."""

import pytest

from lib.ledger.chances import LEAST, Case, brier, calibration_error, hit_interval, reliability


def test_a_bin_begins_at_its_lower_bound() -> None:
    cases = [Case(0.3, True, 0), Case(0.6, True, 0)]

    assert [(b.low, b.high) for b in reliability(cases, 0.1)] == [(0.3, 0.4), (0.6, 0.7)]


def test_brier_is_the_mean_squared_distance() -> None:
    assert brier([Case(0.5, True, 0), Case(0.9, True, 0), Case(0.2, False, 0)]) == 0.1
    assert brier([]) is None


def test_chances_that_come_true_as_often_as_said_have_no_error() -> None:
    cases = [Case(0.2, at % 5 == 0, 0) for at in range(500)]
    cases += [Case(0.8, at % 5 != 0, 0) for at in range(500)]

    found = calibration_error(cases)

    assert found == 0


def test_a_model_too_sure_by_a_tenth_has_an_error_of_a_tenth() -> None:
    assert calibration_error([Case(0.7, at % 10 < 6, 0) for at in range(1000)]) == 0.1


def test_what_is_wrong_in_one_bin_is_not_made_good_by_another() -> None:
    cases = [Case(0.4, at % 10 < 5, 0) for at in range(500)]
    cases += [Case(0.6, at % 10 < 5, 0) for at in range(500)]

    assert calibration_error(cases) == 0.1


def test_few_cases_tell_of_luck() -> None:
    assert calibration_error([Case(0.5, True, 0)] * (LEAST - 1)) is None


def test_days_are_the_units_of_the_hit_rates_interval() -> None:
    alone = [Case(0.6, at % 2 == 0, at) for at in range(400)]
    together = [Case(0.6, (at // 20) % 2 == 0, at // 20) for at in range(400)]

    narrow, wide = hit_interval(alone), hit_interval(together)

    assert narrow is not None
    assert wide is not None
    assert list(narrow) == pytest.approx([0.451, 0.549], abs=0.002)
    assert wide[1] - wide[0] > 4 * 0.098


def test_four_days_give_no_interval() -> None:
    assert hit_interval([Case(0.6, True, day) for day in range(4)]) is None
