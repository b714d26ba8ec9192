"""A feed is down when whoever was asked failed, and nobody answered since."""

import pytest

from lib.errors import SourceError, SourceTimeout, SourceUnavailable, SourceUnsupported
from lib.highway.refusals import DOWN_S, Refusals
from lib.queries import Everything
from lib.sourced import Attempt, NoSource
from tests.conftest import StillClock
from tests.lib.fakes import BTC, ETH, SPOTS, SUMS, FakeStore, One
from tests.lib.highway.driving import DOWN, Open, refusal

pytestmark = pytest.mark.anyio


def refused(*outcomes: str) -> NoSource:
    return NoSource(SPOTS.name, BTC.key, tuple(Attempt(one, one, 1) for one in outcomes))


@pytest.mark.parametrize(
    ("outcomes", "down"),
    [
        (("timeout", "timeout", "timeout"), True),
        (("timeout",), True),
        (("unavailable", "quota_spent", "circuit_open"), True),
        (("malformed", "timeout", "unsupported"), True),
        (("throttled", "no_key"), True),
        (("timeout", "unsupported", "unsupported"), False),
        (("timeout", "unsupported"), False),
        (("unsupported", "unsupported"), False),
        (("no_key",), False),
        ((), False),
    ],
)
def test_an_odd_question_says_nothing_of_a_feed(
    outcomes: tuple[str, ...], down: bool, clock: StillClock
) -> None:
    refusals = Refusals(clock)
    refusals.note(SPOTS, BTC, refused(*outcomes))

    assert (refusals.down_at(SPOTS) is not None, refusals.down_at(SUMS)) == (down, None)


def test_what_nobody_asks_again_is_not_called_down_for_ever(clock: StillClock) -> None:
    refusals = Refusals(clock)
    refusals.note(SPOTS, BTC, refused("timeout"))
    clock.advance(DOWN_S - 0.1)
    before = refusals.down_at(SPOTS)
    clock.advance(0.1)

    assert before is not None
    assert refusals.down_at(SPOTS) is None


@pytest.mark.parametrize(("age_s", "down"), [(0, False), (3, False), (3.1, True), (60, True)])
def test_an_answer_from_before_the_refusal_does_not_end_it(
    age_s: float, down: bool, clock: StillClock
) -> None:
    refusals = Refusals(clock)
    refusals.note(SPOTS, BTC, refused("timeout"))
    clock.advance(3)
    refusals.answered(SPOTS, age_s)

    assert (refusals.down_at(SPOTS) is not None) is down


@pytest.mark.parametrize("error", [DOWN, SourceTimeout("late")])
async def test_a_feed_is_down_from_a_refusal_until_the_next_answer(
    error: SourceError, open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=error)
    highway = open_highway(alpha)
    await refusal(highway)
    during = highway.is_down(SPOTS)
    alpha.error = None
    await highway.fetch(SPOTS, ETH)

    assert (during, highway.is_down(SPOTS)) == (True, False)


async def test_a_feed_is_down_no_more_once_a_source_answers_something_else(
    open_highway: Open, clock: StillClock
) -> None:
    alpha, beta = One("alpha", clock, error=DOWN), One("beta", clock, error=DOWN)
    highway = open_highway(alpha, beta)
    await refusal(highway)
    clock.advance(0.1)
    beta.error = None
    during = highway.is_down(SPOTS)
    await highway.fetch(SUMS, Everything())

    assert (during, highway.is_down(SPOTS)) == (True, False)


async def test_a_pair_that_most_lack_does_not_make_a_feed_down(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(
        One("alpha", clock, error=SourceUnavailable("down")),
        One("beta", clock, error=SourceUnsupported("404")),
    )
    await refusal(highway)

    assert not highway.is_down(SPOTS)


async def test_what_another_process_was_answered_since_counts(
    open_highway: Open, clock: StillClock
) -> None:
    store = FakeStore()
    alpha = One("alpha", clock, error=DOWN)
    highway = open_highway(alpha, store=store)
    await refusal(highway)
    clock.advance(1)
    await open_highway(One("alpha", clock), store=store).fetch(SPOTS, BTC)
    found = await highway.fetch(SPOTS, BTC)

    assert (found.source, len(alpha.calls)) == ("alpha", 1)
    assert not highway.is_down(SPOTS)
