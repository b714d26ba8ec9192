"""GET /api/ai/performance, and the record as the whole service keeps it."""

import os
import signal as signals
import sqlite3
import subprocess
from pathlib import Path

import httpx
import pytest

from lib.feeds import CANDLES
from lib.ledger.ledger import Ledger, open_ledger
from lib.ledger.scoring import score_due
from lib.market import Candles
from lib.queries import CandleQuery
from tests.house import House
from tests.servers import free_port
from tests.service import running_service

PATH = "/api/ai/performance"
DAY_S = 86_400


@pytest.fixture
async def keeping(house: House) -> tuple[House, Ledger]:
    """A house with a ledger."""
    ledger = house.runtime.ledger = open_ledger("sqlite://", house.clock, "sandbox")
    await ledger.flush()
    return house, ledger


async def test_without_a_ledger_it_says_that_nothing_is_recorded(house: House) -> None:
    body = (await house.get(PATH)).json

    assert (body["recording"], body["recorded"], body["forecasts"]) == (False, 0, [])
    assert body["reason"]


async def test_of_a_ledger_that_cannot_be_read_no_count_is_told(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    nowhere = f"sqlite:///{tmp_path}/file/ledger"
    house.runtime.ledger = open_ledger(nowhere, house.clock, "sandbox")

    body = (await house.get(PATH)).json

    assert (body["recording"], body["recorded"], body["scored"]) == (False, None, None)
    assert "cannot be read" in body["reason"]
    assert "ledger.not_reported" in {one.getMessage() for one in caplog.records}


async def test_forecasts_and_signals_are_judged_by_what_came(
    keeping: tuple[House, Ledger],
) -> None:
    house, ledger = keeping

    async def fetch(query: CandleQuery) -> Candles:
        return (await house.runtime.highway.fetch(CANDLES, query)).value

    for symbol in ("BTC", "ETH"):
        await house.post("/api/ai/predict", {"symbol": symbol})
        await house.get(f"/api/ai/signals?symbol={symbol}")
    young = (await house.get(PATH)).json
    house.clock.advance(DAY_S + 60)
    await score_due(ledger, fetch)
    old = (await house.get(PATH)).json
    one = (await house.get(f"{PATH}?symbol=btc")).json

    # each forecast is judged after 1, 6 and 24 bars
    assert (young["recorded"], young["scored"]) == (8, 0)
    assert (old["recorded"], old["scored"], old["since"]) == (8, 8, "2025-11-24T16:00:00Z")
    assert [(s["horizon"], s["n"]) for s in old["forecasts"]] == [(1, 2), (6, 2), (24, 2)]
    assert {s["symbol"] for s in old["forecasts_by_symbol"]} == {"BTC/USDT", "ETH/USDT"}
    assert old["signals"][0]["n"] == 2
    assert (one["recorded"], one["scored"]) == (4, 4)


async def test_a_close_that_was_served_is_the_outcome(keeping: tuple[House, Ledger]) -> None:
    house, ledger = keeping

    async def fetch(query: CandleQuery) -> Candles:
        return (await house.runtime.highway.fetch(CANDLES, query)).value

    body = (await house.post("/api/ai/predict", {"symbol": "BTC", "horizon": 1})).json
    house.clock.advance(7200)
    await score_due(ledger, fetch)
    report, _ = await ledger.report(0)
    due = body["predictions"][0]
    bars = (await house.get("/api/ohlcv?symbol=BTC&timeframe=1h")).json["data"]
    [close] = [bar["c"] for bar in bars if bar["t"] == due["timestamp"] - 3_600_000]

    assert report.forecasts[0].n == 1
    assert (report.forecasts[0].coverage_80 == 1) == (
        due["lower_bound"] <= close <= due["upper_bound"]
    )


def test_with_a_dead_database_the_server_answers_and_says_that_it_does_not_record() -> None:
    dead = f"postgresql://u:hidden@127.0.0.1:{free_port()}/d"
    with (
        running_service("--upstream", "sandbox", DATABASE_URL=dead) as root,
        httpx.Client(base_url=root, trust_env=False, timeout=20) as client,
    ):
        answer = client.post("/api/ai/predict", json={"symbol": "BTC"})
        health = client.get("/health").json()
        record = client.get(PATH).json()

    assert answer.status_code == 200
    assert (health["status"], health["services"]["ledger"]) == ("degraded", "down")
    assert (record["recording"], record["waiting"]) == (False, 3)
    assert "hidden" not in str(health) + str(record)


def test_a_killed_server_starts_again_with_everything_that_it_answered(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite3"
    address = f"sqlite:///{file}"
    symbols = ("BTC", "ETH", "SOL")
    for _ in range(2):
        with running_service("--upstream", "sandbox", DATABASE_URL=address) as root:
            for symbol in symbols:
                asked = {"symbol": symbol, "timeframe": "1d"}
                httpx.post(f"{root}/api/ai/predict", json=asked, timeout=20, trust_env=False)
            _kill(root)

    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT symbol, horizon FROM ledger_forecasts").fetchall()
    connection.close()
    wanted = [(f"{symbol}/USDT", horizon) for symbol in symbols for horizon in (1, 6, 24)]
    assert sorted(rows) == sorted(wanted)


def _kill(root: str) -> None:
    """Kill the process that listens there, as a crash would."""
    port = root.rsplit(":", 1)[1]
    found = subprocess.run(
        ["pgrep", "-f", f"local_server.py.*--port {port}"], capture_output=True, check=True
    )
    for pid in found.stdout.split():
        os.kill(int(pid), signals.SIGKILL)
