"""A database that is frozen, neither gone nor answering, keeps no process from ending."""

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lib.ledger.database import Database
from lib.ledger.ledger import Ledger
from lib.ledger.threaded import ThreadedBook
from tests.conftest import StillClock
from tests.lib.ledger.said import ORIGIN_MS, forecast

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import asyncio, threading
from lib.ledger.threaded import ThreadedBook

async def main():
    frozen = threading.Event()
    book = ThreadedBook(frozen.wait)
    asking = asyncio.create_task(book.write([]))
    await asyncio.wait([asking], timeout=0.05)

asyncio.run(main())
print("ended")
"""


async def test_the_end_does_not_wait_for_it_and_says_what_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    thaw = threading.Event()

    def open_database() -> Database:
        thaw.wait(30)
        return Database("sqlite://")

    book = ThreadedBook(open_database)
    ledger = Ledger(book, StillClock(ORIGIN_MS), "live", patience_s=0.01, closing_s=0.02)
    await ledger.record([forecast()])
    with caplog.at_level(logging.ERROR, "dreammaker.ledger"):
        await ledger.aclose()

    thaw.set()
    await book.aclose()
    [said] = [one for one in caplog.records if one.message == "ledger.not_closed"]
    assert vars(said)["waiting"] == 1


async def test_a_process_ends_while_it_is_frozen() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()

    assert (process.returncode, told) == (0, b"ended\n")
