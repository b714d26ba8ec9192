"""A log tells what happened, not who called: addresses are written nowhere."""

import asyncio
import contextlib

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.live import live_service
from tests.service import LOGS


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_line_has_a_callers_address_query_or_key(level: str) -> None:
    with live_service(LOG_LEVEL=level) as service:
        httpx.get(f"{service.root}/api/price/BTC?note=canary", timeout=20, trust_env=False)
        asyncio.run(follow(f"{service.socket}/ws/ticker?note=canary"))
        log = LOGS / f"service-{service.port}.log"
    lines = log.read_text().splitlines()

    told = [line for line in lines if line.startswith("{")]
    assert any('"event":"server.ready"' in line for line in told)
    assert [line for line in told if "127.0.0.1" in line or "canary" in line] == []


async def follow(address: str) -> None:
    """Say hello and go, and once without a goodbye."""
    keyed = {"Authorization": "Bearer canary"}
    async with connect(address, additional_headers=keyed, compression=None) as socket:
        await socket.recv()
        await socket.send("{")
        await socket.recv()
    async with connect(address, compression=None) as socket:
        await socket.send(b"binary")
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
