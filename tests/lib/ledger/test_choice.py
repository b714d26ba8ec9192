"""Where a ledger lies, by the settings and the host."""

from pathlib import Path

import pytest

from lib.runtime import choose_ledger
from lib.settings import Settings
from tests.conftest import StillClock
from tests.lib.ledger.said import forecast
from tests.servers import free_port

pytestmark = pytest.mark.anyio

NOBODY = f"redis://127.0.0.1:{free_port()}/0"


def test_without_a_disk_and_a_store_there_is_no_ledger() -> None:
    assert choose_ledger(Settings.load({}), StillClock(), disk=False) is None


async def test_a_disk_comes_before_a_store(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    settings = Settings.load({"LEDGER_PATH": str(file), "REDIS_URL": NOBODY})
    ledger = choose_ledger(settings, StillClock())
    assert ledger
    await ledger.record([forecast()])
    await ledger.aclose()

    assert file.is_file()


async def test_a_database_comes_before_a_disk_and_a_store(tmp_path: Path) -> None:
    file = tmp_path / "database.sqlite3"
    settings = Settings.load({"DATABASE_URL": f"sqlite:///{file}", "REDIS_URL": NOBODY})
    ledger = choose_ledger(settings, StillClock(), disk=False)
    assert ledger
    await ledger.record([forecast()])
    await ledger.aclose()

    assert file.is_file()


async def test_a_dead_store_is_no_ledger_that_records() -> None:
    ledger = choose_ledger(Settings.load({"REDIS_URL": NOBODY}), StillClock(), disk=False)
    assert ledger
    await ledger.record([forecast()])
    await ledger.aclose()

    assert (ledger.state, ledger.waiting) == ("down", 1)


async def test_the_sandboxs_record_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    ledger = choose_ledger(
        Settings.load({"LEDGER_PATH": str(file)}), StillClock(), disk=True, sandbox=True
    )
    assert ledger
    await ledger.record([forecast(world="sandbox")])
    await ledger.aclose()

    assert not file.exists()
