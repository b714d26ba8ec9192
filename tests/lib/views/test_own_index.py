"""Our own fear and greed, computed again by hand."""

from math import exp, sqrt
from statistics import NormalDist, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.market import Candle
from lib.timeframes import DAY_MS
from lib.views.own_index import build_components
from tests.lib.tales import story

NOW_MS = 1_764_000_000_000


def bars(returns: list[float]) -> list[Candle]:
    """Daily bars with these returns."""
    price, made = 100.0, [100.0]
    for step in returns:
        price *= exp(step)
        made.append(price)
    return [
        Candle(i * DAY_MS, close, close, close, close, 1.0, closed=True)
        for i, close in enumerate(made)
    ]


def test_a_week_calmer_than_all_before_is_greed_and_a_wilder_one_is_fear() -> None:
    wild, calm = [0.05, -0.05], [0.01, -0.01]

    assert build_components(bars(wild * 60 + calm * 3 + calm[:1]), None, []).volatility == 100.0
    assert build_components(bars(calm * 60 + wild * 3 + wild[:1]), None, []).volatility == 0.0


def test_volatility_is_a_place_among_ninety_days() -> None:
    returns = [0.001 * (i % 13) * (-1) ** i for i in range(120)]
    past = [pstdev(returns[end - 7 : end]) for end in range(len(returns) - 90, len(returns))]
    now = pstdev(returns[-7:])
    above = sum(1.0 if other > now else 0.5 if other == now else 0.0 for other in past)

    assert build_components(bars(returns), None, []).volatility == pytest.approx(
        100 * above / 90, abs=0.06
    )


def test_momentum_is_a_month_in_units_of_a_usual_one() -> None:
    returns = [0.02, -0.01] * 60
    moved = sum(returns[-30:]) / (pstdev(returns[-90:]) * sqrt(30))

    found = build_components(bars(returns), None, []).market_momentum

    assert found == pytest.approx(100 * NormalDist().cdf(moved), abs=0.06)


def test_momentum_without_any_move_is_in_the_middle() -> None:
    assert build_components(bars([0.0] * 120), None, []).market_momentum == 50.0


def test_dominance_is_what_bitcoin_leaves_to_others() -> None:
    assert build_components([], 57.25, []).dominance == pytest.approx(42.8, abs=0.06)
    assert build_components([], None, []).dominance is None


def test_news_is_the_mean_tone_of_the_last_day() -> None:
    stories = [
        story(score=0.5, at_ms=NOW_MS),
        story(score=-0.1, at_ms=NOW_MS - DAY_MS),
        story(score=None, at_ms=NOW_MS - 1),
        story(score=-1.0, at_ms=NOW_MS - DAY_MS - 1),
    ]

    assert build_components([], None, stories).news == pytest.approx(60.0)
    assert build_components([], None, []).news is None


def test_the_index_is_the_mean_of_what_is_known() -> None:
    found = build_components(bars([0.02, -0.01] * 60), 40.0, [story(score=0.2, at_ms=NOW_MS)])

    assert found.volatility is not None
    assert found.market_momentum is not None
    expected = (found.volatility + found.market_momentum + 60.0 + 60.0) / 4
    assert found.index == round(expected)


def test_without_enough_bars_there_is_no_index() -> None:
    found = build_components(bars([0.01] * 50), 40.0, [story(score=0.2, at_ms=NOW_MS)])

    assert (found.volatility, found.market_momentum, found.index) == (None, None, None)


@given(st.lists(st.floats(-0.5, 0.5), min_size=97, max_size=130))
def test_components_stay_between_0_and_100(returns: list[float]) -> None:
    found = build_components(bars(returns), 50.0, [])

    assert found.volatility is not None
    assert found.market_momentum is not None
    assert found.index is not None
    assert 0 <= found.volatility <= 100
    assert 0 <= found.market_momentum <= 100
    assert 0 <= found.index <= 100
