"""Prices of a model have no digits that mean nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.digits import short


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (86530.71492066696, "86530.71492"),
        (0.000008123456789012, "8.123456789e-06"),
        (1.0, "1.0"),
        (84113.84599999999, "84113.846"),
        (99999.9999999, "100000.0"),
        (123456789012.3, "123456789000.0"),
        (1e-12, "1e-12"),
    ],
)
def test_ten_digits_are_kept(price: float, shown: str) -> None:
    assert repr(float(short(np.array([price]))[0])) == shown


@given(st.lists(st.floats(1e-12, 1e12), min_size=2, max_size=20))
def test_what_was_in_order_stays_so(prices: list[float]) -> None:
    assert (np.diff(short(np.sort(np.array(prices)))) >= 0).all()


@given(st.floats(1e-12, 1e12))
def test_nothing_moves_by_more_than_half_of_the_last_digit(price: float) -> None:
    assert float(short(np.array([price]))[0]) == pytest.approx(price, rel=5.1e-10)
