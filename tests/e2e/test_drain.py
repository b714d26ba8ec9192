"""A server that is told to end: who is there is served, who comes later is told, nothing breaks."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.live import Service, live_service

pytestmark = pytest.mark.anyio

FAULTS = "binance=hang,coinbase=hang"


@dataclass
class Departure:
    """What was seen while a server went."""

    ready: list[int] = field(default_factory=list)  # statuses, in order
    alive: list[int] = field(default_factory=list)  # asked right after each
    health: list[dict[str, object]] = field(default_factory=list)
    under_way: httpx.Response | None = None
    close_code: int | None = None
    events: str = ""
    refused: bool = False


@pytest.fixture(scope="module")
def departure() -> Departure:
    """The end of a server with a socket, an event stream and a request that takes its time."""
    with live_service("--upstream", "sandbox", "--faults", FAULTS, DRAIN_S="0.6") as service:
        return asyncio.run(_leave(service))


async def _leave(service: Service) -> Departure:
    seen = Departure()
    pid = service.pid
    async with (
        httpx.AsyncClient(base_url=service.root, timeout=10, trust_env=False) as client,
        connect(service.socket + "/ws/ticker", compression=None) as socket,
    ):
        await socket.recv()
        streaming = asyncio.create_task(_stream(client))
        slow = asyncio.create_task(client.get("/api/price/BTC"))
        await asyncio.sleep(0.1)  # until both have arrived there
        os.kill(pid, signal.SIGTERM)
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            try:
                async with httpx.AsyncClient(base_url=service.root, trust_env=False) as other:
                    seen.ready.append((await other.get("/health/ready")).status_code)
                    seen.alive.append((await other.get("/health/live")).status_code)
                    seen.health.append((await other.get("/health")).json())
            except httpx.TransportError:
                seen.refused = True
                break
        seen.under_way = await slow
        seen.events = await streaming
        try:
            while True:
                await asyncio.wait_for(socket.recv(), 5)
        except ConnectionClosed as closed:
            seen.close_code = closed.rcvd.code if closed.rcvd else None
    return seen


async def _stream(client: httpx.AsyncClient) -> str:
    async with client.stream("GET", "/api/stream/ticker?symbols=BTC") as reply:
        return "".join([text async for text in reply.aiter_text()])


def test_readiness_goes_before_anything_else_does(departure: Departure) -> None:
    assert 503 in departure.ready
    assert set(departure.alive) == {200}
    assert departure.refused


def test_health_says_that_the_process_is_ending(departure: Departure) -> None:
    told = departure.health[-1]

    assert told["status"] == "degraded"
    assert "this process is ending" in str(told["reasons"])


def test_a_request_under_way_is_answered(departure: Departure) -> None:
    assert departure.under_way is not None
    assert departure.under_way.status_code == 200
    assert departure.under_way.json()["meta"]["source"] == "sandbox:kraken"


def test_sockets_are_closed_as_for_a_restart(departure: Departure) -> None:
    assert departure.close_code == 1012


def test_an_event_stream_ends_with_when_to_come_back(departure: Departure) -> None:
    last = departure.events.strip().split("\n\n")[-1]

    assert last.startswith("event: restart\nretry: 2000\ndata: ")
    assert "id: " not in last
