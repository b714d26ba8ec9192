"""A real PostgreSQL on loopback for tests."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import loopback.postgres
from loopback import NotInstalled
from loopback.postgres import PostgresServer

__all__ = ["PostgresServer", "find_postgres", "running_postgres"]


def find_postgres() -> Path:
    """The folder of its programs; without it the test is skipped, or fails if REQUIRE_SERVERS=1."""
    try:
        return loopback.postgres.find_postgres()
    except NotInstalled as error:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(f"REQUIRE_SERVERS=1, but {error}")
        pytest.skip(str(error))


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server with an empty database, until the block ends."""
    programs = find_postgres()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = PostgresServer(programs, folder)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
