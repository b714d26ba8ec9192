"""Whoever asks nonsense, or too often, fills no log."""

import asyncio
import json
import socket

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.live import live_service
from tests.service import LOGS

TIMES = 20


def test_nonsense_and_refused_handshakes_are_a_line_at_most() -> None:
    with live_service(RATE_LIMIT_IP="1") as service:
        for _ in range(TIMES):
            with socket.create_connection(("127.0.0.1", service.port)) as caller:
                caller.sendall(b"\x16\x03\x01\r\n\r\n")
                caller.settimeout(5)
                assert caller.recv(100).startswith(b"HTTP/1.1 400 ")
        refused = asyncio.run(knock(service.socket + "/ws/ticker"))
        log = LOGS / f"service-{service.port}.log"
    told = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]

    assert refused >= TIMES - 1
    assert [line["event"] for line in told if line["level"] == "error"] == []
    assert [line["event"] for line in told if line["logger"].startswith("uvicorn")] == [
        "Invalid HTTP request received."
    ]


async def knock(address: str) -> int:
    """Try to connect again and again; how often that was refused for the limit."""
    refused = 0
    for _ in range(TIMES):
        try:
            async with connect(address):
                pass
        except InvalidStatus as error:
            refused += error.response.status_code == 429
    return refused
