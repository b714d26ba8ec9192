"""The ledger: nothing twice, nothing lost that was answered, and answers go on without it."""

import os
import signal as signals
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lib.ledger.database import Database
from lib.ledger.ledger import MOST_WAITING, Ledger, open_ledger
from lib.ledger.report import Report
from tests.conftest import StillClock
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, forecast, signal
from tests.postgres import PostgresServer, running_postgres
from tests.servers import free_port

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger's address, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'ledger.sqlite3'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    database = Database(server.url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS ledger_forecasts, ledger_signals")
    database.close()
    return server.url


def ledger_at(url: str, world: str = "live") -> Ledger:
    """A ledger on a clock that stands still."""
    return open_ledger(url, StillClock(ORIGIN_MS), world)


async def written(url: str, *records: Any) -> Report:
    """The report after these were recorded by one process, as read by another."""
    ledger = ledger_at(url)
    await ledger.record(records)
    await ledger.aclose()
    other = ledger_at(url)
    report, _ = await other.report(0)
    await other.aclose()
    return report


async def test_what_was_recorded_is_there_after_a_restart(url: str) -> None:
    report = await written(url, forecast(), signal())

    assert report.recorded == 2


async def test_what_is_said_twice_counts_once_also_after_a_restart(url: str) -> None:
    await written(url, forecast(), forecast(served_ms=ORIGIN_MS + 9), signal())
    report = await written(url, forecast(price=7.0), signal())

    assert report.recorded == 2


async def test_a_probability_that_was_not_told_before_is_added(url: str) -> None:
    await written(url, forecast(probability_up=None))
    await written(url, forecast(probability_up=0.6))
    ledger = ledger_at(url)
    [row], _ = await ledger.due(ORIGIN_MS + HOUR_MS)
    await ledger.aclose()

    assert row == forecast(probability_up=0.6)


async def test_an_outcome_once_noted_stays(url: str) -> None:
    ledger = ledger_at(url)
    await ledger.record([forecast(), signal()])

    await ledger.score({"f1": 101.0}, {"s1": ("stop", -1.0)})
    await ledger.score({"f1": 55.0}, {"s1": ("target", 2.0)})
    report, since_ms = await ledger.report(0)
    await ledger.aclose()

    assert since_ms == ORIGIN_MS
    assert (report.scored, report.forecasts[0].coverage_80) == (2, 1.0)
    assert report.signals[0].mean_r == -1.0


async def test_worlds_are_not_mixed(url: str) -> None:
    await written(url, forecast(), forecast(id="f2", world="sandbox"))
    ledger = ledger_at(url, "sandbox")
    report, _ = await ledger.report(0)
    await ledger.aclose()

    assert report.recorded == 1


async def test_both_databases_give_the_same_report(tmp_path: Path, postgres: Any) -> None:
    database = Database(postgres.url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS ledger_forecasts, ledger_signals")
    database.close()
    reports = []
    for url in (f"sqlite:///{tmp_path / 'a.sqlite3'}", postgres.url):
        ledger = ledger_at(url)
        rows = [
            forecast(
                id=f"f{at}", price=100 + at / 7, probability_up=0.45 + at / 97, horizon=1 + at % 2
            )
            for at in range(50)
        ]
        trades = [signal(id=f"s{at}", confidence=0.3 + at / 71) for at in range(20)]
        await ledger.record([*rows, *trades])
        closes = {f"f{at}": 95 + at / 5 for at in range(50)}
        await ledger.score(closes, {f"s{at}": ("stop", -1.0) for at in range(20)})
        reports.append(await ledger.report(0))
        await ledger.aclose()

    assert reports[0] == reports[1]
    assert reports[0][0].scored == 70


async def test_a_dead_database_delays_nobody_and_its_records_come_later(tmp_path: Path) -> None:
    blocked = tmp_path / "folder"
    blocked.write_text("a file where a folder should be")
    ledger = ledger_at(f"sqlite:///{blocked / 'ledger.sqlite3'}")

    await ledger.record([forecast()])
    down = (ledger.state, ledger.waiting)
    blocked.unlink()
    again = await ledger.flush()
    report, _ = await ledger.report(0)
    await ledger.aclose()

    assert down == ("down", 1)
    assert again
    assert (ledger.state, ledger.waiting, report.recorded) == ("up", 0, 1)


async def test_a_postgresql_that_is_not_there_is_said_to_be_down() -> None:
    ledger = ledger_at(f"postgresql://u:secret@127.0.0.1:{free_port()}/d")

    await ledger.flush()
    await ledger.record([forecast()])
    await ledger.aclose()

    assert (ledger.state, ledger.waiting) == ("down", 1)
    assert "secret" not in str(ledger.reason)


async def test_a_postgresql_that_restarts_gets_what_was_said_meanwhile() -> None:
    with running_postgres() as server:
        ledger = ledger_at(server.url)
        await ledger.record([forecast()])
        await ledger.flush()
        server.stop()
        await ledger.record([forecast(id="f2")])
        await ledger.flush()
        down = ledger.state
        server.start()
        await ledger.flush()
        report, _ = await ledger.report(0)
        await ledger.aclose()

    assert down == "down"
    assert (ledger.state, report.recorded) == ("up", 2)


async def test_a_full_disk_is_said_and_what_stands_stays_readable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
    database.write([forecast(id="first")])

    @event.listens_for(database.engine, "connect")
    def _fill(connection: Any, _: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # raised by SQLite to what is there already

    database.engine.dispose()
    ledger = Ledger(lambda: database, StillClock(ORIGIN_MS), "live")
    await ledger.record([forecast(id=f"f{at}") for at in range(500)])
    await ledger.flush()
    report, _ = await ledger.report(0)
    await ledger.aclose()

    assert ledger.reason == "the disk is full"
    assert report.recorded == 1


async def test_what_waits_is_bounded_and_the_loss_is_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = ledger_at(f"sqlite:///{tmp_path / 'file' / 'ledger.sqlite3'}")

    await ledger.record([forecast(id=f"f{at}") for at in range(MOST_WAITING + 5)])

    assert (ledger.waiting, ledger.lost) == (MOST_WAITING, 5)


WRITER = """
import asyncio, sys
from lib.clock import SystemClock
from lib.ledger.ledger import open_ledger
from tests.lib.ledger.said import forecast

async def main():
    ledger = open_ledger(sys.argv[1], SystemClock(), "live")
    await ledger.flush()
    for at in range(1_000_000):
        await ledger.record([forecast(id=f"{at}-{part}") for part in range(5)])
        if ledger.waiting == 0:
            print(at, flush=True)  # as an answer goes out

asyncio.run(main())
"""


def _answered_before_the_kill(url: str) -> list[int]:
    """What a process had recorded and answered when it was killed, somewhere in a write."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        answered = [int(process.stdout.readline()) for _ in range(20)]
        time.sleep(0.05)
        process.send_signal(signals.SIGKILL)
        return answered + [int(line) for line in process.stdout.read().splitlines()]


async def test_a_killed_process_has_lost_nothing_that_it_answered(url: str) -> None:
    answered = _answered_before_the_kill(url)

    database = Database(url)
    kept = [row.id for row in database.read("live", 0, None)[0]]
    database.close()
    seen = [forecast(id=f"{at}-{part}") for at in answered for part in range(5)]
    after = await written(url, *seen)

    assert {row.id for row in seen} <= set(kept)
    assert len(kept) == len(set(kept)) == after.recorded
