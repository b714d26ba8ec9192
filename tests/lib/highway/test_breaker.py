"""Behaviour of the circuit breaker."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lib.highway.breaker import Breaker
from tests.conftest import StillClock


@pytest.fixture
def breaker(clock: StillClock) -> Breaker:
    return Breaker(clock)


def break_it(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.failure()


def test_two_failures_leave_it_closed(breaker: Breaker) -> None:
    breaker.failure()
    breaker.failure()

    assert (breaker.state, breaker.allow()) == ("closed", True)


def test_three_failures_open_it(breaker: Breaker) -> None:
    break_it(breaker)

    assert (breaker.state, breaker.allow()) == ("open", False)


def test_failures_that_are_the_lesser_part_leave_it_closed(breaker: Breaker) -> None:
    for _ in range(4):
        breaker.success()
    break_it(breaker)

    assert breaker.state == "closed"


def test_half_of_the_calls_failing_opens_it(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.success()
    break_it(breaker)

    assert breaker.state == "open"


def test_failures_from_more_than_30_s_ago_are_forgotten(
    breaker: Breaker, clock: StillClock
) -> None:
    breaker.failure()
    breaker.failure()
    clock.advance(31)
    breaker.failure()

    assert breaker.state == "closed"


def test_after_5_s_one_probe_passes_and_no_second(breaker: Breaker, clock: StillClock) -> None:
    break_it(breaker)
    clock.advance(4.9)
    early = breaker.allow()
    clock.advance(0.1)

    assert [early, breaker.allow(), breaker.allow(), breaker.allow()] == [False, True, False, False]


def test_a_good_probe_closes_it_and_the_past_is_forgotten(
    breaker: Breaker, clock: StillClock
) -> None:
    break_it(breaker)
    clock.advance(5)
    breaker.allow()
    breaker.success()
    breaker.failure()
    breaker.failure()

    assert breaker.state == "closed"


def test_a_bad_probe_opens_it_for_5_s_more(breaker: Breaker, clock: StillClock) -> None:
    break_it(breaker)
    clock.advance(5)
    breaker.allow()
    breaker.failure()
    clock.advance(4.9)
    early = breaker.allow()
    clock.advance(0.1)

    assert (early, breaker.allow()) == (False, True)


def test_a_lost_probe_makes_way_for_another(breaker: Breaker, clock: StillClock) -> None:
    break_it(breaker)
    clock.advance(5)
    breaker.allow()
    clock.advance(5)

    assert (breaker.allow(), breaker.allow()) == (True, False)


def test_a_call_from_before_that_ends_well_does_not_close_an_open_one(breaker: Breaker) -> None:
    break_it(breaker)
    breaker.success()

    assert breaker.state == "open"


class Model(RuleBasedStateMachine):
    """The rules in their plainest form: a list of what happened, and when it opened last."""

    @initialize()
    def begin(self) -> None:
        self.clock = StillClock()
        self.breaker = Breaker(self.clock)
        self.seen: list[tuple[float, bool]] = []
        self.opened_at: float | None = None
        self.probe_at: float | None = None

    def since_opened(self) -> float:
        assert self.opened_at is not None
        return self.clock.monotonic() - self.opened_at

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 5.0, 15.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def a_call_is_asked_for(self) -> None:
        now = self.clock.monotonic()
        if self.opened_at is None:
            expected = True
        elif self.since_opened() < 5:
            expected = False
        else:
            expected = self.probe_at is None or now - self.probe_at >= 5
            if expected:
                self.probe_at = now

        assert self.breaker.allow() is expected

    @rule()
    def a_call_ends_well(self) -> None:
        self.breaker.success()
        self.probe_at = None
        if self.opened_at is not None and self.since_opened() >= 5:
            self.opened_at = None
            self.seen.clear()
        self.seen.append((self.clock.monotonic(), False))

    @rule()
    def a_call_fails(self) -> None:
        self.breaker.failure()
        now = self.clock.monotonic()
        self.seen.append((now, True))
        window = [failed for at, failed in self.seen if at >= now - 30]
        if self.opened_at is not None or (sum(window) >= 3 and sum(window) * 2 >= len(window)):
            self.opened_at = now
            self.probe_at = None

    @invariant()
    def it_is_in_the_state_of_the_model(self) -> None:
        if self.opened_at is None:
            expected = "closed"
        else:
            expected = "open" if self.since_opened() < 5 else "half_open"
        assert self.breaker.state == expected


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
