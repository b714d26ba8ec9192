"""What the news says about one asset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.views.hearsay import HALF_LIFE_MS, listen
from tests.lib.tales import story

NOW_MS = 1_764_000_000_000


def test_a_day_old_story_counts_half() -> None:
    heard = listen([story(0.6, NOW_MS), story(-0.3, NOW_MS - HALF_LIFE_MS)], "BTC")

    assert heard is not None
    assert heard.score == pytest.approx((0.6 - 0.5 * 0.3) / 1.5)
    assert heard.mean == pytest.approx(0.15)
    assert heard.tone == "positive"
    assert heard.agreement == pytest.approx(1 / 1.5, abs=1e-4)


def test_only_stories_that_name_it_count() -> None:
    heard = listen([story(1.0, NOW_MS, ("ETH",)), story(-0.5, NOW_MS, ("BTC", "ETH"))], "BTC")

    assert heard is not None
    assert (heard.score, len(heard.stories)) == (-0.5, 1)


def test_age_is_measured_from_the_newest_of_all_news() -> None:
    heard = listen([story(0.4, NOW_MS, ("ETH",)), story(0.8, NOW_MS - HALF_LIFE_MS)], "BTC")

    assert heard is not None
    assert heard.score == 0.8


def test_about_what_nobody_names_nothing_is_said() -> None:
    assert listen([story(1.0, NOW_MS)], "ETH") is None
    assert listen([], "BTC") is None


def test_what_cannot_be_judged_does_not_count() -> None:
    heard = listen([story(None, NOW_MS), story(0.4, NOW_MS - 1)], "BTC")

    assert heard is not None
    assert (heard.mean, len(heard.stories)) == (0.4, 1)
    assert listen([story(None, NOW_MS)], "BTC") is None


def test_very_old_stories_still_have_a_mean() -> None:
    heard = listen([story(0.0, NOW_MS, ("ETH",)), story(0.4, 0), story(0.2, 1)], "BTC")

    assert heard is not None
    assert heard.score == pytest.approx(0.3, abs=0.001)


@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 10**9)), min_size=1, max_size=20))
def test_scores_and_agreement_stay_in_their_bounds(told: list[tuple[float, int]]) -> None:
    heard = listen([story(score, NOW_MS - age) for score, age in told], "BTC")

    assert heard is not None
    assert -1 <= heard.score <= 1
    assert -1 <= heard.mean <= 1
    assert 0 <= heard.agreement <= 1.0001
