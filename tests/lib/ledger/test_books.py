"""What every kind of book promises: nothing twice, nothing lost that was answered."""

import os
import signal as signals
import subprocess
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lib.ledger.records import Record
from lib.ledger.report import Report
from tests.lib.ledger.conftest import KINDS, Place, empty_place, ledger_at, writer
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, forecast, signal

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]


async def written(place: Place, *records: Record) -> Report:
    """The report after these were recorded by one process, as read by another."""
    ledger = ledger_at(place)
    await ledger.record(records)
    await ledger.flush()
    await ledger.aclose()
    other = ledger_at(place)
    report, _ = await other.report(0)
    await other.aclose()
    return report


def with_end(record: Record, outcome: Any, gain: float | None = None) -> Record:
    """A record and what became of it."""
    told = {"outcome": outcome} | ({} if gain is None else {"realized_r": gain})
    return msgspec.structs.replace(record, **told)


async def test_what_was_recorded_is_there_after_a_restart(place: Place) -> None:
    report = await written(place, forecast(), signal())

    assert report.recorded == 2


async def test_what_is_said_twice_counts_once_also_after_a_restart(place: Place) -> None:
    await written(place, forecast(), forecast(served_ms=ORIGIN_MS + 9), signal())
    report = await written(place, forecast(price=7.0), signal())

    assert report.recorded == 2


async def test_a_probability_that_was_not_told_before_is_added(place: Place) -> None:
    await written(place, forecast(probability_up=None))
    await written(place, forecast(probability_up=0.6))
    ledger = ledger_at(place)
    [row], _ = await ledger.due(ORIGIN_MS + HOUR_MS)
    await ledger.aclose()

    assert row == forecast(probability_up=0.6)


async def test_every_field_comes_back_as_it_went(place: Place) -> None:
    said = forecast(price=1 / 3, quantiles=tuple(at / 7 for at in range(9)), reference_sigma=None)
    await written(place, said, signal(entry=0.1 + 0.2, stop=1e-9))
    ledger = ledger_at(place)
    found = await ledger.due(ORIGIN_MS + 3 * HOUR_MS)
    await ledger.aclose()

    assert found == ([said], [signal(entry=0.1 + 0.2, stop=1e-9)])


async def test_only_what_is_due_and_has_no_outcome_is_due(place: Place) -> None:
    late, later = forecast(id="late"), forecast(id="later", due_ms=ORIGIN_MS + 2 * HOUR_MS)
    ledger = ledger_at(place)
    await ledger.record([forecast(), late, later])
    await ledger.flush()
    await ledger.score([with_end(forecast(), 101.0)])
    rows, trades = await ledger.due(ORIGIN_MS + HOUR_MS)
    await ledger.aclose()

    assert (rows, trades) == ([late], [])


async def test_an_outcome_once_noted_stays(place: Place) -> None:
    ledger = ledger_at(place)
    await ledger.record([forecast(), signal()])
    await ledger.flush()

    await ledger.score([with_end(forecast(), 101.0), with_end(signal(), "stop", -1.0)])
    await ledger.score([with_end(forecast(), 55.0), with_end(signal(), "target", 2.0)])
    report, since_ms = await ledger.report(0)
    await ledger.aclose()

    assert since_ms == ORIGIN_MS
    assert (report.scored, report.forecasts[0].coverage_80) == (2, 1.0)
    assert report.signals[0].mean_r == -1.0


async def test_an_outcome_of_what_nobody_recorded_is_no_record(place: Place) -> None:
    ledger = ledger_at(place)
    await ledger.flush()
    await ledger.score([with_end(forecast(), 101.0)])
    report, since_ms = await ledger.report(0)
    await ledger.aclose()

    assert (report.recorded, since_ms) == (0, None)


async def test_worlds_are_not_mixed(place: Place) -> None:
    await written(place, forecast(), forecast(id="f2", world="sandbox"))
    ledger = ledger_at(place, sandbox=True)
    report, _ = await ledger.report(0)
    await ledger.aclose()

    assert report.recorded == 1


async def test_a_report_may_be_of_one_symbol_and_of_late(place: Place) -> None:
    ledger = ledger_at(place)
    await ledger.record(
        [
            forecast(id="old", origin_ms=ORIGIN_MS - 24 * HOUR_MS),
            forecast(id="new"),
            forecast(id="other", symbol="ETH/USDT"),
        ]
    )
    await ledger.flush()
    late, since_ms = await ledger.report(ORIGIN_MS)
    one, _ = await ledger.report(0, "BTC/USDT")
    await ledger.aclose()

    assert (late.recorded, since_ms) == (2, ORIGIN_MS)
    assert one.recorded == 2


async def test_all_books_give_the_same_report(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    rows = [
        forecast(
            id=f"f{at}",
            origin_ms=ORIGIN_MS - at * 5 * HOUR_MS,
            price=100 + at / 7,
            probability_up=0.45 + at / 97,
            horizon=1 + at % 2,
        )
        for at in range(50)
    ]
    trades = [signal(id=f"s{at}", confidence=0.3 + at / 71) for at in range(20)]
    ends: list[Record] = [with_end(row, 95 + at / 5) for at, row in enumerate(rows)]
    ends += [with_end(trade, "stop", -1.0) for trade in trades]
    reports = []
    for kind in KINDS:
        ledger = ledger_at(empty_place(kind, request, tmp_path))
        await ledger.record([*rows, *trades])
        await ledger.flush()
        await ledger.score(ends)
        reports.append(await ledger.report(0))
        await ledger.aclose()

    assert reports[0][0].scored == 70
    assert all(report == reports[0] for report in reports)


def _answered_before_the_kill(place: Place) -> list[int]:
    """What a process had recorded and answered when it was killed, somewhere in a write."""
    with subprocess.Popen(
        writer(place), cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        answered = [int(process.stdout.readline()) for _ in range(20)]
        time.sleep(0.05)
        process.send_signal(signals.SIGKILL)
        return answered + [int(line) for line in process.stdout.read().splitlines()]


async def test_a_killed_process_has_lost_nothing_that_it_answered(place: Place) -> None:
    answered = _answered_before_the_kill(place)

    ledger = ledger_at(place)
    kept = [row.id for row in (await ledger.book.read("live", 0, None))[0]]
    report, _ = await ledger.report(0)
    await ledger.aclose()
    batches = {name.split("-")[0] for name in kept}

    assert {f"{at}-{part}" for at in answered for part in range(5)} <= set(kept)
    assert len(kept) == len(set(kept)) == report.recorded
    assert len(kept) == 5 * len(batches)  # each batch is there whole or not at all
