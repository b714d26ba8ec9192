"""Every kind of book that a ledger may have, over real servers."""

import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from lib.ledger.book import Book
from lib.ledger.database import Database
from lib.ledger.ledger import Ledger
from lib.ledger.remote import RemoteBook
from lib.ledger.threaded import ThreadedBook
from lib.runtime import open_remote
from lib.settings import Settings
from tests.conftest import StillClock
from tests.lib.ledger.said import ORIGIN_MS
from tests.postgres import PostgresServer, running_postgres
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

KINDS = ("sqlite", "postgresql", "redis", "upstash")

PATIENT_S = 20.0

Place = Mapping[str, str]
"""The settings that name a book."""


@pytest.fixture(scope="package")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="package")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture(scope="package")
def rest(redis: RedisServer) -> Iterator[UpstashRest]:
    with UpstashRest(redis.port) as server:
        yield server


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty book of each kind."""
    return empty_place(request.param, request, tmp_path)


def empty_place(kind: str, request: pytest.FixtureRequest, folder: Path) -> Place:
    """An empty book of this kind."""
    if kind == "sqlite":
        return {"DATABASE_URL": f"sqlite:///{folder / 'deep' / 'ledger.sqlite3'}"}
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        database = Database(server.url)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS ledger_forecasts, ledger_signals")
        database.close()
        return {"DATABASE_URL": server.url}
    redis: RedisServer = request.getfixturevalue("redis")
    redis.ask("FLUSHALL")
    if kind == "redis":
        return {"REDIS_URL": redis.url}
    rest: UpstashRest = request.getfixturevalue("rest")
    rest.requests.clear()
    return {"UPSTASH_REDIS_REST_URL": rest.url, "UPSTASH_REDIS_REST_TOKEN": rest.token}


def ledger_at(place: Place, *, sandbox: bool = False, clock: StillClock | None = None) -> Ledger:
    """A ledger as one process opens it, but patient: a busy machine is no failure of the book."""
    settings, clock = Settings.load(place), clock or StillClock(ORIGIN_MS)
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        book: Book = ThreadedBook(lambda: Database(url))
    else:
        remote = partial(open_remote, settings, PATIENT_S)
        book = RemoteBook(remote, clock, settings.ledger_keep_days, PATIENT_S)
    return Ledger(book, clock, "sandbox" if sandbox else "live", PATIENT_S)


def writer(place: Place) -> list[str]:
    """The command of a process that records five forecasts at a time without end, and says which
    it would have answered with."""
    return [sys.executable, "-c", _WRITER, json.dumps(place)]


_WRITER = """
import asyncio, json, sys
from lib.clock import SystemClock
from lib.runtime import choose_ledger
from lib.settings import Settings
from tests.lib.ledger.said import forecast

async def main():
    settings = Settings.load(json.loads(sys.argv[1]))
    clock = SystemClock()
    ledger = choose_ledger(settings, clock, disk=False)
    await ledger.flush()
    for at in range(1_000_000):
        said = {"origin_ms": clock.now_ms(), "due_ms": clock.now_ms() + 1}
        await ledger.record([forecast(id=f"{at}-{part}", **said) for part in range(5)])
        if ledger.waiting:
            await ledger.flush()
        if ledger.waiting == 0:
            print(at, flush=True)  # as an answer goes out

asyncio.run(main())
"""
