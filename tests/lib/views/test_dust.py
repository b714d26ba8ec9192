"""Money without the dust of binary fractions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.views.dust import apart, times

PRICES = st.floats(1e-9, 1e9)


@pytest.mark.parametrize(
    ("made", "clean"),
    [
        (times(86431.07, 0.86), 74330.7202),
        (times(0.1 + 0.2, 1), 0.1 + 0.2),  # nothing was reckoned
        (apart(86447.36, 86436.56), 10.8),
        (apart(86436.56, 86447.36), -10.8),
        (apart(0.00001079, 0.00001078), 1e-8),
    ],
)
def test_what_is_shown_is_what_a_person_would_write(made: float, clean: float) -> None:
    assert made == clean


@given(PRICES, st.floats(1e-6, 1e6))
def test_an_amount_stays_what_it_is_to_eleven_digits(price: float, rate: float) -> None:
    assert times(price, rate) == pytest.approx(price * rate, rel=1e-11)


@given(PRICES, PRICES)
def test_a_difference_is_wrong_by_less_than_the_price_s_digits(price: float, other: float) -> None:
    assert apart(price, other) == pytest.approx(price - other, abs=price * 1e-11)
