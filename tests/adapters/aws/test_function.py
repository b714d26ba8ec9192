"""Behaviour of functions that no HTTP request reaches: what AWS calls, and the ledger's scoring."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.aws.function import EventHandler, left_s
from adapters.aws.live import open_gateway
from adapters.aws.scoring import score
from lib.ledger.ledger import open_ledger
from lib.settings import SettingsError
from lib.timeframes import TIMEFRAME_MS
from rehearsal.events import schedule_event
from rehearsal.families import load_triggers
from tests.house import NOW_MS, House
from tests.lib.ledger.said import forecast

ROOT = Path(__file__).parents[3]
HEAVY = {"numpy", "pandas", "boto3", "mangum", "starlette", "redis", "websockets", "sqlalchemy"}


class Remaining:
    """Lambda's context: how long a function may still take."""

    def __init__(self, left_ms: int) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


async def test_a_function_gives_up_a_second_before_aws_would_end_it() -> None:
    assert left_s(Remaining(15_000)) == 14.0


def test_what_is_built_at_the_first_event_is_kept_with_its_loop() -> None:
    built: list[int] = []
    loops = []

    def build() -> Any:
        built.append(1)

        async def handle(event: Any, _context: Any) -> Any:
            loops.append(asyncio.get_running_loop())
            return event

        return handle

    handler = EventHandler(build)
    try:
        answers = [handler({"n": n}, Remaining(5000)) for n in range(2)]
    finally:
        handler.close()

    assert answers == [{"n": 0}, {"n": 1}]
    assert built == [1]
    assert loops[0] is loops[1]


def test_a_setting_that_cannot_be_used_is_logged_and_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def build() -> Any:
        raise SettingsError("WS_TABLE: …")

    with caplog.at_level(logging.ERROR, "dreammaker.lambda"):
        assert EventHandler(build)(schedule_event(), Remaining(5000)) == {"statusCode": 500}
    assert "WS_TABLE" in caplog.text


def test_a_function_that_takes_too_long_is_ended_and_can_be_called_again() -> None:
    waits = [60.0, 0.0]

    async def handle(_event: Any, _context: Any) -> Any:
        await asyncio.sleep(waits.pop(0))
        return {"statusCode": 200}

    handler = EventHandler(lambda: handle)
    try:
        assert handler({}, Remaining(1010)) == {"statusCode": 500}
        assert handler({}, Remaining(5000)) == {"statusCode": 200}
    finally:
        handler.close()


def test_what_is_under_way_ends_with_the_call() -> None:
    left: list[asyncio.Task[None]] = []

    async def handle(_event: Any, _context: Any) -> Any:
        left.append(asyncio.create_task(asyncio.sleep(60)))
        return {"statusCode": 200}

    handler = EventHandler(lambda: handle)
    try:
        assert handler({}, Remaining(5000)) == {"statusCode": 200}
        assert left[0].cancelled()
    finally:
        handler.close()


@pytest.mark.anyio
async def test_what_is_due_is_scored_by_the_candles_that_followed(house: House) -> None:
    hour_ms = TIMEFRAME_MS["1h"]
    due_ms = NOW_MS // hour_ms * hour_ms
    said = forecast(symbol="BTC/USDT", origin_ms=due_ms - hour_ms, due_ms=due_ms)
    ledger = house.runtime.ledger = open_ledger("sqlite://", house.clock, "live")
    await ledger.record([said])

    assert await score(house.runtime) == {"statusCode": 200, "scored": 1}
    assert await score(house.runtime) == {"statusCode": 200, "scored": 0}
    report, _ = await ledger.report(0)
    assert report.scored == 1


@pytest.mark.anyio
async def test_without_a_ledger_nothing_is_scored_and_that_is_said(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dreammaker.ledger"):
        assert await score(house.runtime) == {"statusCode": 503, "scored": None}
    assert "ledger.absent" in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize("missing", ["WS_TABLE", "WS_ENDPOINT"])
async def test_sockets_need_a_table_and_an_address(missing: str) -> None:
    both = {"WS_TABLE": "t", "WS_ENDPOINT": "http://127.0.0.1:9"}
    settings = {name: value for name, value in both.items() if name != missing}
    async with House(settings=settings, endpoints=()) as house:
        with pytest.raises(SettingsError, match="need both"):
            open_gateway(house.runtime, {})


def test_importing_such_functions_brings_nothing_heavy() -> None:
    modules = [f"functions.{name}" for name in load_triggers()]
    modules += [f"adapters.aws.{name}" for name in ("pump", "scoring", "websocket")]
    looked = f"import sys, {', '.join(modules)}; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run(  # a fresh process, as on Lambda
        [sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("[]", "")
