"""Keys, quotas, pauses and circuits on the way to a source."""

import pytest

from lib.errors import (
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnsupported,
)
from lib.market import Pair
from lib.providers.base import Limit
from lib.queries import PairQuery
from tests.conftest import StillClock
from tests.lib.fakes import (
    BTC,
    ETH,
    SPOTS,
    One,
)
from tests.lib.highway.driving import DOWN, Open, outcomes

pytestmark = pytest.mark.anyio


async def test_a_geo_blocked_source_is_passed_over_for_an_hour(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceGeoBlocked("451"))
    highway = open_highway(alpha, One("beta", clock))
    seen = []
    for seconds in (1000, 2599, 61):
        seen.append(outcomes(await highway.fetch(SPOTS, BTC))[0])
        alpha.error = None
        clock.advance(seconds)
    seen.append(outcomes(await highway.fetch(SPOTS, BTC))[0])

    assert seen == [("alpha", "geo_blocked")] * 2 + [("alpha", "geo_blocked"), ("alpha", "ok")]
    assert len(alpha.calls) == 2


async def test_a_source_that_says_retry_after_is_passed_over_until_then(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceThrottled("429", 90.0))
    highway = open_highway(alpha, One("beta", clock))
    await highway.fetch(SPOTS, BTC)
    alpha.error = None
    clock.advance(80)
    during = await highway.fetch(SPOTS, BTC)
    clock.advance(80)
    after = await highway.fetch(SPOTS, BTC)

    assert (outcomes(during)[0], after.source) == (("alpha", "throttled"), "alpha")
    assert len(alpha.calls) == 2


async def test_when_a_quota_is_spent_the_next_source_answers(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, limits=(Limit(1, 60),)), One("beta", clock))
    first = await highway.fetch(SPOTS, BTC)
    second = await highway.fetch(SPOTS, ETH)

    assert first.source == "alpha"
    assert outcomes(second) == [("alpha", "quota_spent"), ("beta", "ok")]


async def test_a_source_that_fails_three_times_is_passed_over_until_a_probe_succeeds(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=DOWN)
    highway = open_highway(alpha, One("beta", clock))
    queries = [PairQuery(Pair(f"T{number}", "USDT")) for number in range(8)]
    seen = [outcomes(await highway.fetch(SPOTS, query))[0][1] for query in queries[:5]]
    clock.advance(5)
    seen.append(outcomes(await highway.fetch(SPOTS, queries[5]))[0][1])
    alpha.error = None
    clock.advance(5)
    seen += [outcomes(await highway.fetch(SPOTS, query))[0][1] for query in queries[6:]]

    assert seen == [*["unavailable"] * 3, *["circuit_open"] * 2, "unavailable", "ok", "ok"]


async def test_what_a_source_does_not_have_never_opens_its_circuit(
    open_highway: Open, clock: StillClock
) -> None:
    alpha = One("alpha", clock, error=SourceUnsupported("404"))
    highway = open_highway(alpha, One("beta", clock))
    for number in range(10):
        await highway.fetch(SPOTS, PairQuery(Pair(f"T{number}", "USDT")))

    assert len(alpha.calls) == 10


async def test_a_bug_in_one_client_does_not_take_the_feed_down(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, error=KeyError("lastPrice")), One("beta", clock))

    assert outcomes(await highway.fetch(SPOTS, BTC)) == [("alpha", "malformed"), ("beta", "ok")]


async def test_a_malformed_answer_lets_the_next_source_answer(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, error=SourceMalformed("?")), One("beta", clock))

    assert outcomes(await highway.fetch(SPOTS, BTC)) == [("alpha", "malformed"), ("beta", "ok")]


async def test_a_source_without_its_key_is_skipped_and_does_not_degrade(
    open_highway: Open, clock: StillClock
) -> None:
    highway = open_highway(One("alpha", clock, needs_key=True), One("beta", clock))
    found = await highway.fetch(SPOTS, BTC)

    assert (outcomes(found), found.degraded) == ([("alpha", "no_key"), ("beta", "ok")], False)
    assert highway.key_variable("alpha") == "ALPHA_KEY"
