"""A request's id, from its reply's header through every line that it caused."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from lib.log import JsonLines
from tests.house import House
from tests.lib.fakes import until

OURS = "trace-me-123"


class Lines(logging.Handler):
    """Log lines as they would be written, read again."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.told: list[Any] = []
        self.formatter = JsonLines()

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(json.loads(self.format(record)))

    def of(self, identity: str) -> list[tuple[str, str]]:
        """Event and source of every line with this id, in order."""
        mine = [one for one in self.told if one.get("request_id") == identity]
        return [(one["event"], one.get("source", "")) for one in mine]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, logger = Lines(), logging.getLogger("dreammaker")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


async def test_every_line_that_a_request_caused_carries_its_id(lines: Lines) -> None:
    async with House(faults={"binance": "500"}) as house:
        answer = await house.get("/api/price/BTC", x_request_id=OURS)

    assert answer.headers["x-request-id"] == OURS
    assert lines.of(OURS) == [
        ("request.asked", ""),
        ("source.called", "binance"),
        ("source.failed", "binance"),
        ("source.called", "coinbase"),
    ]


async def test_a_refresh_behind_an_answer_carries_the_id_of_who_caused_it(lines: Lines) -> None:
    async with House() as house:
        await house.get("/api/price/BTC", x_request_id="the-first-one")
        house.clock.advance(10)
        stale = await house.get("/api/price/BTC", x_request_id=OURS)
        await until(lambda: ("source.called", "binance") in lines.of(OURS))

    assert stale.headers["x-cache"] == "stale"
    assert lines.of("the-first-one").count(("source.called", "binance")) == 1


async def test_requests_without_an_id_get_different_ones(lines: Lines) -> None:
    async with House() as house:
        ids = [(await house.get(f"/api/price/{s}")).headers["x-request-id"] for s in ("BTC", "ETH")]

    assert len(set(ids)) == 2
    assert all(("request.asked", "") in lines.of(identity) for identity in ids)


async def test_upstreams_are_not_told_the_id(lines: Lines) -> None:
    import httpx

    seen: list[str] = []
    async with House() as plain:
        inner = httpx.ASGITransport(plain.sandbox)

        async def answer(request: httpx.Request) -> httpx.Response:
            seen.append(str(request.headers) + str(request.url))
            return await inner.handle_async_request(request)

        async with House(upstream=httpx.MockTransport(answer)) as house:
            await house.get("/api/price/BTC", x_request_id=OURS)

    assert seen
    assert not any(OURS in told for told in seen)
