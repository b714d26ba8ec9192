"""Why a ledger does not record, as an operator hears it."""

from pathlib import Path

import pytest

from lib.ledger.database import Database
from lib.ledger.faults import told
from tests.servers import free_port


def failure(url: str) -> Exception:
    """What a database at this address says when it is written to."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever a driver raises
        Database(url).write([])
    return caught.value


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder", "its file cannot be opened or made"),
        ("file/ledger.sqlite3", "its folder is a file"),
        ("words.txt", "its file is no database"),
        ("/proc/none/ledger.sqlite3", "its folder is not there and cannot be made"),
    ],
)
def test_a_file_that_cannot_be_one_is_told(path: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "words.txt").write_text("not what SQLite writes" * 50)

    assert told(failure(f"sqlite:///{tmp_path / path}")) == reason


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1:{free}/name", "nobody listens at the database's address"),
        ("no-such-host.invalid/name", "the database's host is not known"),
        ("127.0.0.1/name?colour=red", "the database's address has an option that there is not"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told(address: str, reason: str) -> None:
    place = address.format(free=free_port())

    assert told(failure(f"postgresql://user:canary@{place}")) == reason


def test_silence_is_told() -> None:
    assert told(TimeoutError()) == "it does not answer in time"


def test_what_nobody_foresaw_is_told_by_its_kind_alone() -> None:
    assert told(RuntimeError("password=canary")) == "RuntimeError"
