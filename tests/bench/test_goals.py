"""Findings say whether they hold, on the right side of their goal."""

import pytest

from bench.goals import Finding
from bench.plot import margin


@pytest.mark.parametrize(
    ("value", "at_most", "holds"),
    [
        (0.9, False, False),
        (1.0, False, True),
        (1.1, False, True),
        (1.1, True, False),
        (0.9, True, True),
    ],
)
def test_a_finding_holds_on_the_right_side_of_its_goal(
    value: float, at_most: bool, holds: bool
) -> None:
    assert Finding(1, "x", "", value, 1.0, at_most).holds is holds


@pytest.mark.parametrize(("value", "at_most"), [(2.0, False), (0.5, True)])
def test_twice_as_good_is_twice_as_good_on_either_side(value: float, at_most: bool) -> None:
    assert margin({"value": value, "goal": 1.0, "at_most": at_most}) == 2.0
