"""Errors of our own: in the envelope, kept by nobody, and all of it in the log."""

import asyncio
import logging
from typing import Any

import pytest

from lib.endpoint import Reply
from lib.log import JsonLines
from tests.adapters.front_door.probe import Nothing, endpoint
from tests.house import House


async def test_a_bug_of_ours_leaks_nothing_and_leads_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        raise RuntimeError("secret-internals at /srv/app")

    async with House(endpoints=[endpoint(probe)]) as house:
        answer = await house.get("/probe", x_request_id="trace-me-123")

    assert answer.status == 500
    assert answer.error["code"] == "INTERNAL_ERROR"
    assert answer.error["details"] == {"request_id": "trace-me-123"}
    assert b"secret" not in answer.body
    assert b"Traceback" not in answer.body
    [record] = [r for r in caplog.records if r.message == "request.failed"]
    assert "secret-internals" in str(record.exc_info)


async def test_a_bug_is_logged_under_the_request_id() -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        raise RuntimeError("oh")

    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger("dreammaker.http").addHandler(handler)
    try:
        async with House(endpoints=[endpoint(probe)]) as house:
            await house.get("/probe", x_request_id="trace-me-123")
    finally:
        logging.getLogger("dreammaker.http").removeHandler(handler)

    assert '"request_id":"trace-me-123"' in lines[0]


async def test_an_answer_that_takes_too_long_is_a_504() -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        await asyncio.sleep(30)
        return Reply()

    async with House(endpoints=[endpoint(probe, timeout_s=0.02)]) as house:
        answer = await house.get("/probe")

    assert (answer.status, answer.error["code"]) == (504, "TIMEOUT")
    assert answer.error["details"]["deadline_s"] == 0.02


async def test_errors_are_never_kept_by_caches(house: House) -> None:
    for target in ("/nowhere", "/api/price/!", "/api/usage"):
        answer = await house.get(target)

        assert answer.status >= 400
        assert answer.headers["cache-control"] == "no-store"
