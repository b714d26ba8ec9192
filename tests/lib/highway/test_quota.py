"""Behaviour of a source's quota."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lib.highway.quota import Limit, Quota
from tests.conftest import StillClock

MONTH_S = 30 * 86400.0


def test_without_a_limit_everything_may_be_spent(clock: StillClock) -> None:
    quota = Quota((), clock)

    assert (quota.spend(10**9), quota.left) == (True, None)


def test_what_is_spent_is_gone(clock: StillClock) -> None:
    quota = Quota([Limit(10, 60)], clock)

    assert [quota.spend(6), quota.spend(4), quota.spend(1)] == [True, True, False]


def test_it_refills_evenly(clock: StillClock) -> None:
    quota = Quota([Limit(60, 60)], clock)
    quota.spend(60)
    clock.advance(7)

    assert quota.left == 7


def test_it_never_holds_more_than_its_units(clock: StillClock) -> None:
    quota = Quota([Limit(60, 60)], clock)
    clock.advance(3600)

    assert quota.left == 60


def test_a_month_cannot_be_spent_in_a_day(clock: StillClock) -> None:
    quota = Quota([Limit(9000, MONTH_S)], clock)

    spent = sum(quota.spend(1) for _ in range(9000))

    assert spent == 300


def test_a_meagre_month_still_allows_one_call(clock: StillClock) -> None:
    quota = Quota([Limit(10, MONTH_S)], clock)
    first, second = quota.spend(1), quota.spend(1)
    clock.advance(3 * 86400 + 1)

    assert (first, second, quota.spend(1)) == (True, False, True)


def test_when_one_limit_lacks_units_none_is_charged(clock: StillClock) -> None:
    quota = Quota([Limit(100, 60), Limit(5, 86400)], clock)
    refused = quota.spend(6)

    assert (refused, quota.left, quota.spend(5)) == (False, 5, True)


def test_asking_whether_it_affords_something_costs_nothing(clock: StillClock) -> None:
    quota = Quota([Limit(5, 60)], clock)

    assert [quota.affords(5), quota.affords(5), quota.affords(6)] == [True, True, False]


@pytest.mark.parametrize(("keyed", "left"), [(True, 30), (False, 10)])
def test_a_key_brings_its_own_units(clock: StillClock, keyed: bool, left: int) -> None:
    quota = Quota([Limit(10, 60, keyed_units=30)], clock, keyed=keyed)

    assert quota.left == left


def test_the_sources_own_higher_count_is_believed(clock: StillClock) -> None:
    quota = Quota([Limit(100, 60)], clock)
    quota.spend(10)
    quota.observe(70)

    assert quota.left == 30


def test_the_sources_own_lower_count_is_not(clock: StillClock) -> None:
    quota = Quota([Limit(100, 60)], clock)
    quota.spend(50)
    quota.observe(10)

    assert quota.left == 50


def test_overspending_elsewhere_leaves_nothing_rather_than_less(clock: StillClock) -> None:
    quota = Quota([Limit(100, 60)], clock)
    quota.observe(150)

    assert (quota.left, quota.spend(1)) == (0, False)


def test_a_pause_ends_by_itself(clock: StillClock) -> None:
    quota = Quota((), clock)
    quota.close(30)
    clock.advance(10)
    during = quota.closed_s
    clock.advance(20)

    assert (during, quota.closed_s) == (20.0, 0.0)


def test_a_shorter_pause_does_not_end_a_longer_one(clock: StillClock) -> None:
    quota = Quota((), clock)
    quota.close(30)
    quota.close(5)

    assert quota.closed_s == 30.0


class Model(RuleBasedStateMachine):
    """No window of time ever sees more spent than what a full bucket and its refill hold."""

    @initialize(
        limits=st.lists(
            st.tuples(st.integers(1, 50), st.sampled_from([1.0, 60.0, 86400.0, MONTH_S])),
            min_size=1,
            max_size=3,
        )
    )
    def begin(self, limits: list[tuple[int, float]]) -> None:
        self.clock = StillClock()
        self.limits = limits
        self.quota = Quota([Limit(*limit) for limit in limits], self.clock)
        self.levels = [self.most(*limit) for limit in limits]
        self.spent: list[tuple[float, int]] = []

    def most(self, units: int, per_s: float) -> float:
        return float(units) if per_s <= 86400 else max(1.0, units / 30)

    @rule(seconds=st.sampled_from([0.1, 1.0, 7.0, 60.0, 3600.0, 86400.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.levels = [
            min(self.most(units, per_s), level + seconds * units / per_s)
            for level, (units, per_s) in zip(self.levels, self.limits, strict=True)
        ]

    @rule(weight=st.integers(1, 20))
    def something_is_spent(self, weight: int) -> None:
        least = min(self.levels)
        if abs(least - weight) < 1e-6:
            return  # a matter of rounding
        granted = self.quota.spend(weight)
        assert granted == (least > weight)
        if granted:
            self.levels = [level - weight for level in self.levels]
            self.spent.append((self.clock.monotonic(), weight))

    @rule(used=st.integers(0, 60))
    def the_source_tells_its_count(self, used: int) -> None:
        self.quota.observe(used)
        self.levels[0] = min(self.levels[0], self.limits[0][0] - used)

    @invariant()
    def no_window_is_overspent(self) -> None:
        for first, (since, _) in enumerate(self.spent):
            total = sum(weight for _, weight in self.spent[first:])
            seconds = self.clock.monotonic() - since
            for units, per_s in self.limits:
                assert total <= self.most(units, per_s) + seconds * units / per_s + 1e-6


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
