"""Behaviour of the gate before one source."""

import asyncio
import logging
from dataclasses import replace

import pytest

from lib.errors import (
    CircuitOpen,
    NoKey,
    QuotaSpent,
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.highway.gate import Gate
from lib.providers.base import Limit, Served
from lib.sourced import Attempt, Sourced
from tests.conftest import StillClock
from tests.lib.fakes import BTC, SPOTS, All, FakeSource, Nonsense, Notebook, One

pytestmark = pytest.mark.anyio

SPOT = Served(SPOTS, "spot", 1, bulk=False)
SPOTS_AT_ONCE = Served(SPOTS, "spots", 1, bulk=True)


def gate_of(source: FakeSource, clock: StillClock, notebook: Notebook | None = None) -> Gate:
    return Gate(source, clock, notebook)


async def outcome(gate: Gate, served: Served = SPOT) -> str:
    """The word for how one call ends."""
    try:
        await gate.call(served, None if served.bulk else BTC)
    except SourceError as error:
        return error.outcome
    return "ok"


async def test_an_answer_comes_with_its_source_and_times(clock: StillClock) -> None:
    source = One("alpha", clock)

    found = await gate_of(source, clock).call(SPOT, BTC)

    now = clock.now_ms()
    attempt = Attempt("alpha", "ok", 0)
    assert found == Sourced(source.ticker(BTC.pair), "alpha", (attempt,), now, now)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (None, "ok"),
        (SourceUnavailable("500"), "unavailable"),
        (SourceTimeout("slow"), "timeout"),
        (SourceMalformed("what?"), "malformed"),
        (SourceThrottled("429"), "throttled"),
        (SourceGeoBlocked("451"), "geo_blocked"),
        (SourceUnsupported("404"), "unsupported"),
    ],
)
async def test_the_observer_hears_of_every_call_made(
    clock: StillClock, error: SourceError | None, word: str
) -> None:
    notebook = Notebook()
    gate = gate_of(One("alpha", clock, error=error), clock, notebook)

    assert (await outcome(gate), notebook.calls) == (word, [("alpha", "spots", word)])


async def test_it_is_told_and_noted_how_long_a_call_took(clock: StillClock) -> None:
    source, notebook = One("alpha", clock), Notebook()
    source.takes_s = 0.25

    found = await gate_of(source, clock, notebook).call(SPOT, BTC)

    assert (found.tried, notebook.seconds) == ((Attempt("alpha", "ok", 250),), [0.25])


async def test_the_observer_hears_nothing_of_calls_not_made(clock: StillClock) -> None:
    notebook = Notebook()
    gate = gate_of(One("alpha", clock, needs_key=True), clock, notebook)

    assert (await outcome(gate), notebook.calls) == ("no_key", [])


@pytest.mark.parametrize(
    "error", [SourceUnavailable("5"), SourceTimeout("t"), SourceMalformed("m")]
)
async def test_three_failures_open_the_circuit(clock: StillClock, error: SourceError) -> None:
    source = One("alpha", clock, error=error)
    gate = gate_of(source, clock)

    ends = [await outcome(gate) for _ in range(4)]

    assert ends == [error.outcome] * 3 + ["circuit_open"]
    assert (len(source.calls), gate.status) == (3, "offline")


async def test_after_5_s_one_probe_at_a_time_is_made(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceUnavailable("down"))
    gate = gate_of(source, clock)
    for _ in range(3):
        await outcome(gate)
    clock.advance(5)
    source.error, source.hold = None, asyncio.Event()
    probe = asyncio.create_task(outcome(gate))
    await asyncio.sleep(0)
    beside = await outcome(gate)
    source.hold.set()

    assert (beside, await probe, await outcome(gate)) == ("circuit_open", "ok", "ok")


async def test_a_probe_that_the_quota_forbids_is_still_to_be_made(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceUnavailable("down"), limits=(Limit(3, 18),))
    gate = gate_of(source, clock)
    for _ in range(3):
        await outcome(gate)
    clock.advance(5)
    early = await outcome(gate)  # 5/6 of a unit has come back
    clock.advance(2)
    source.error = None

    assert (early, await outcome(gate)) == ("quota_spent", "ok")


async def test_an_open_circuit_costs_no_quota(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceUnavailable("down"), limits=(Limit(10, 86400),))
    gate = gate_of(source, clock)
    for _ in range(10):
        await outcome(gate)

    assert gate.quota.left == 7


async def test_what_a_source_does_not_have_is_no_failure(
    clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    source = One("alpha", clock, error=SourceUnsupported("no such pair"))
    gate = gate_of(source, clock)

    assert [await outcome(gate) for _ in range(20)] == ["unsupported"] * 20
    assert (gate.status, gate.last_error, caplog.records) == ("online", None, [])


async def test_a_throttled_source_is_left_alone_for_as_long_as_it_asked(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceThrottled("429", 30.0))
    gate = gate_of(source, clock)
    first = await outcome(gate)
    source.error = None
    clock.advance(29.9)
    during, status = await outcome(gate), gate.status
    clock.advance(0.1)

    assert (first, during, status) == ("throttled", "throttled", "degraded")
    assert (await outcome(gate), len(source.calls)) == ("ok", 2)


async def test_throttling_never_opens_the_circuit(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceThrottled("429", 1.0))
    gate = gate_of(source, clock)
    for _ in range(10):
        await outcome(gate)
        clock.advance(1)

    assert (gate.breaker.state, len(source.calls)) == ("closed", 10)


async def test_a_geo_block_holds_for_an_hour_under_its_own_name(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceGeoBlocked("451"))
    gate = gate_of(source, clock)
    await outcome(gate)
    source.error = None
    clock.advance(3599)
    during, status = await outcome(gate), gate.status
    clock.advance(1)

    assert (during, status, await outcome(gate)) == ("geo_blocked", "offline", "ok")


async def test_a_spent_quota_is_not_overdrawn(clock: StillClock) -> None:
    source = One("alpha", clock, limits=(Limit(2, 60),))
    gate = gate_of(source, clock)
    ends = [await outcome(gate) for _ in range(3)]
    clock.advance(30)

    assert (ends, await outcome(gate)) == (["ok", "ok", "quota_spent"], "ok")


async def test_a_call_costs_its_weight(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, limits=(Limit(100, 60),)), clock)
    await gate.call(Served(SPOTS, "spot", 40, bulk=False), BTC)

    assert gate.quota.left == 60


async def test_the_sources_own_count_of_its_quota_is_heard(clock: StillClock) -> None:
    source = One("alpha", clock, limits=(Limit(100, 60),))
    gate = gate_of(source, clock)
    assert source.on_quota
    source.on_quota(90)

    assert gate.quota.left == 10


async def test_a_source_without_its_key_is_not_asked(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, needs_key=True), clock)

    with pytest.raises(NoKey, match="ALPHA_KEY"):
        await gate.call(SPOT, BTC)
    assert gate.status == "offline"


async def test_an_operator_can_switch_a_source_off_and_on(clock: StillClock) -> None:
    source = One("alpha", clock)
    gate = gate_of(source, clock)
    gate.switched_off = True
    with pytest.raises(CircuitOpen, match="operator"):
        await gate.call(SPOT, BTC)
    off = gate.status
    gate.switched_off = False

    assert (off, await outcome(gate), len(source.calls)) == ("offline", "ok", 1)


async def test_reset_forgets_pauses_blocks_failures_and_spent_quota(clock: StillClock) -> None:
    source = One("alpha", clock, limits=(Limit(3, 86400),))
    gate = gate_of(source, clock)
    for error in (SourceUnavailable("5"), SourceThrottled("429"), SourceGeoBlocked("451")):
        source.error = error
        await outcome(gate)
    source.error = None
    gate.reset()

    assert (await outcome(gate), gate.quota.left) == ("ok", 2)
    assert source.on_quota == gate.quota.observe


async def test_after_a_reset_other_processes_still_hear_what_is_spent(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, limits=(Limit(10, 86400),)), clock)
    quota = gate.quota
    await outcome(gate)
    gate.reset()
    await outcome(gate)

    assert quota.untold() == 2


async def test_a_source_that_says_wait_0_s_is_not_asked_again_at_once(clock: StillClock) -> None:
    source = One("alpha", clock, error=SourceThrottled("429", 0.0))
    gate = gate_of(source, clock)
    for _ in range(3):
        await outcome(gate)
    clock.advance(1)
    await outcome(gate)

    assert len(source.calls) == 2


async def test_a_source_that_is_well_is_online_though_the_clock_was_set_back(
    clock: StillClock,
) -> None:
    source = One("alpha", clock, error=SourceUnavailable("500"))
    gate = gate_of(source, clock)
    await outcome(gate)
    clock._now_ms -= 3_600_000
    source.error = None
    await outcome(gate)

    assert gate.status == "online"


async def test_a_source_that_hangs_times_out_with_its_feeds_budget(clock: StillClock) -> None:
    source = One("alpha", clock, hold=asyncio.Event())
    brief = Served(replace(SPOTS, budget_s=0.01), "spot", 1, bulk=False)

    assert await outcome(gate_of(source, clock), brief) == "timeout"


async def test_a_bug_in_a_client_counts_as_malformed_and_is_logged_once_with_its_trace(
    clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    gate = gate_of(One("alpha", clock, error=KeyError("lastPrice")), clock)

    with pytest.raises(SourceMalformed) as raised:
        await gate.call(SPOT, BTC)

    assert isinstance(raised.value.__cause__, KeyError)
    assert [(r.levelno, r.message, r.exc_info and r.exc_info[0]) for r in caplog.records] == [
        (logging.ERROR, "source.failed", KeyError)
    ]
    assert "lastPrice" not in (gate.last_error or "")


async def test_a_client_that_keeps_breaking_opens_its_circuit(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, error=KeyError("x")), clock)

    assert [await outcome(gate) for _ in range(4)] == ["malformed"] * 3 + ["circuit_open"]


async def test_a_client_that_gives_no_value_is_malformed(clock: StillClock) -> None:
    assert await outcome(gate_of(Nonsense("alpha", clock), clock)) == "malformed"


async def test_a_bulk_answer_without_rows_is_malformed(clock: StillClock) -> None:
    assert (
        await outcome(gate_of(All("alpha", clock, lists=""), clock), SPOTS_AT_ONCE) == "malformed"
    )


async def test_a_cancelled_call_is_nobodys_failure(clock: StillClock) -> None:
    source = One("alpha", clock, hold=asyncio.Event())
    notebook = Notebook()
    gate = gate_of(source, clock, notebook)
    for _ in range(5):
        call = asyncio.create_task(gate.call(SPOT, BTC))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()

    assert (gate.breaker.state, gate.last_error, notebook.calls) == ("closed", None, [])


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (SourceUnavailable("500"), logging.WARNING),
        (SourceThrottled("429"), logging.INFO),
        (SourceMalformed("what?"), logging.ERROR),
    ],
)
async def test_a_failure_is_logged_as_loudly_as_it_deserves(
    clock: StillClock, caplog: pytest.LogCaptureFixture, error: SourceError, level: int
) -> None:
    caplog.set_level(logging.DEBUG, "dreammaker")
    await outcome(gate_of(One("alpha", clock, error=error), clock))

    (record,) = (one for one in caplog.records if one.getMessage() == "source.failed")
    facts = {name: record.__dict__[name] for name in ("source", "feed", "outcome")}
    assert (record.levelno, facts) == (
        level,
        {"source": "alpha", "feed": "spots", "outcome": error.outcome},
    )


async def test_what_an_upstream_says_is_bounded_and_printable_in_the_log(
    clock: StillClock,
) -> None:
    gate = gate_of(One("alpha", clock, error=SourceUnavailable("a\nb\x1b[31m" + "c" * 500)), clock)
    await outcome(gate)

    assert gate.last_error == "a?b?[31m" + "c" * 192 + "…"


async def test_a_source_never_asked_is_taken_to_be_online(clock: StillClock) -> None:
    assert gate_of(One("alpha", clock), clock).status == "online"


async def test_a_source_whose_last_call_failed_is_degraded_until_one_succeeds(
    clock: StillClock,
) -> None:
    source = One("alpha", clock)
    gate = gate_of(source, clock)
    seen = []
    for error in (None, SourceUnavailable("500"), None):
        source.error = error
        clock.advance(10)
        await outcome(gate)
        seen.append(gate.status)

    assert seen == ["online", "degraded", "online"]


async def test_a_source_that_answers_that_it_lacks_something_is_well_again(
    clock: StillClock,
) -> None:
    source = One("alpha", clock, error=SourceUnavailable("500"))
    gate = gate_of(source, clock)
    await outcome(gate)
    clock.advance(1)
    source.error = SourceUnsupported("404")
    await outcome(gate)

    assert gate.status == "online"


async def test_a_probing_source_is_degraded(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, error=SourceUnavailable("500")), clock)
    for _ in range(3):
        await outcome(gate)
    clock.advance(5)

    assert gate.status == "degraded"


async def test_the_reason_of_a_spent_quota_is_stated(clock: StillClock) -> None:
    gate = gate_of(One("alpha", clock, limits=(Limit(1, 60),)), clock)
    await outcome(gate)

    with pytest.raises(QuotaSpent, match="quota"):
        await gate.call(SPOT, BTC)
