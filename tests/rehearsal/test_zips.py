"""Behaviour of the look into a function's zip."""

import io
import zipfile
from pathlib import Path

import pytest

from adapters.deploy.bundle import write_zip
from rehearsal.families import load_families
from rehearsal.tools import Failed
from rehearsal.zips import check_zip

ENDPOINTS = load_families()["trades"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_zip("trades", "light", tmp_path_factory.mktemp("zips")).read_bytes()


def changed(content: bytes, *, without: str = "", **more: bytes) -> bytes:
    """The same zip without some files and with others."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if not without or without not in name:
                new.writestr(name, more.pop(name, old.read(name)))
        for name, body in more.items():
            new.writestr(name, body)
    return made.getvalue()


def test_a_whole_zip_passes(whole: bytes) -> None:
    check_zip("trades", whole, ENDPOINTS)


@pytest.mark.parametrize(
    "file",
    [
        "functions/trades.py",
        "lib/symbols.py",
        "lib/assets.csv",
        "lib/store/upstash.py",  # imported late, and only where a store is named
        "lib/providers/kraken.py",  # imported by the name in a feed's row
        "adapters/asgi.py",
        "lib/__pycache__/symbols.cpython",
    ],
)
def test_a_missing_file_is_named(whole: bytes, file: str) -> None:
    with pytest.raises(Failed, match="misses .*" + Path(file).name.split(".")[0]):
        check_zip("trades", changed(whole, without=file), ENDPOINTS)


@pytest.mark.parametrize(
    "file",
    ["functions/price.py", "lib/sandbox/app.py", "lib/analysis/ensemble.py", "tests/conftest.py"],
)
def test_a_file_of_others_is_named(whole: bytes, file: str) -> None:
    with pytest.raises(Failed, match="must not have: " + file):
        check_zip("trades", changed(whole, **{file: b""}), ENDPOINTS)


def test_a_compiled_module_that_is_compared_with_its_source_fails(whole: bytes) -> None:
    name = "lib/__pycache__/symbols.cpython-311.pyc"
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        name = next(n for n in archive.namelist() if n.startswith("lib/__pycache__/symbols."))
        body = archive.read(name)
    timed = body[:4] + bytes(4) + body[8:]

    with pytest.raises(Failed, match="compared with its source"):
        check_zip("trades", changed(whole, **{name: timed}), ENDPOINTS)
