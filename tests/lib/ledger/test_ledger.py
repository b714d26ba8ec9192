"""The ledger while its database is away: answers go on without it, and it says so."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lib.ledger.database import Database
from lib.ledger.ledger import MOST_WAITING, Ledger, open_ledger
from lib.ledger.threaded import ThreadedBook
from tests.conftest import StillClock
from tests.lib.ledger.said import ORIGIN_MS, forecast
from tests.postgres import running_postgres
from tests.servers import free_port

pytestmark = pytest.mark.anyio


def ledger_at(url: str) -> Ledger:
    """A ledger on a clock that stands still."""
    return open_ledger(url, StillClock(ORIGIN_MS), "live")


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
    ledger = Ledger(ThreadedBook(lambda: database), StillClock(ORIGIN_MS), "live")
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
