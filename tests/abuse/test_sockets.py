"""Sockets abused, beside what tests/e2e/test_live.py tries: frames that break the protocol, floods
of handshakes and of messages, peers that vanish."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.live import Service, live_service, memory_kb

pytestmark = pytest.mark.anyio

LIMIT = 40
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "X-Forwarded-For: {caller}\r\n\r\n"
)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with live_service(
        "--upstream", "sandbox", RATE_LIMIT_IP=str(LIMIT), TRUSTED_PROXIES="1", WS_IDLE_S="1.5",
        WS_HEARTBEAT_S="0.5",
    ) as made:  # fmt: skip
        yield made


class Callers:
    """Addresses that nobody has used yet."""

    used = 0

    @classmethod
    def another(cls) -> str:
        cls.used += 1
        return f"198.51.100.{cls.used}"


def shaken(service: Service, path: str = "/ws") -> socket.socket:
    """A raw socket after its handshake."""
    s = socket.create_connection(("127.0.0.1", service.port), timeout=5)
    s.sendall(HANDSHAKE.format(path=path, caller=Callers.another()).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += s.recv(1)
    assert b" 101 " in head
    return s


def frame(
    opcode: int, body: bytes = b"", *, fin: bool = True, bits: int = 0, mask: bool = True
) -> bytes:
    """A client's frame; its mask is zeros."""
    first = (0x80 if fin else 0) | bits | opcode
    marked = 0x80 if mask else 0
    if len(body) < 126:
        head = bytes([first, marked | len(body)])
    else:
        head = bytes([first, marked | 126]) + len(body).to_bytes(2, "big")
    return head + (bytes(4) if mask else b"") + body


def close_code(s: socket.socket) -> int | None:
    """The code of the close frame that comes, whatever comes before it."""
    said = b""
    with s, suppress(ConnectionResetError):
        while piece := s.recv(4096):
            said += piece
            if (code := _close_code_in(said)) is not None:
                return code
    return None


def _close_code_in(said: bytes) -> int | None:
    at = 0
    while at + 4 <= len(said):
        opcode, size = said[at] & 15, said[at + 1] & 127
        at += 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size = int.from_bytes(said[at : at + wide], "big")
            at += wide
        if opcode == 8:
            return int.from_bytes(said[at : at + 2], "big")
        at += size
    return None


async def is_well(service: Service) -> bool:
    """Whether somebody else is served as ever."""
    headers = {"X-Forwarded-For": Callers.another()}
    async with connect(f"{service.socket}/ws", additional_headers=headers) as client:
        await client.send('{"action": "ping"}')
        return bool(json.loads(await client.recv())["type"] == "pong")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(1, b"{}", mask=False), 1002),
        (frame(1, b"{}", bits=0x40), 1002),
        (frame(3, b"x"), 1002),
        (frame(0, b"x"), 1002),
        (frame(9, b"x" * 126), 1002),
        (frame(9, b"x", fin=False), 1002),
        (frame(8, b"\x03"), 1002),
        (frame(8, (1005).to_bytes(2, "big")), 1002),
        (frame(1, b"a", fin=False) + frame(1, b"b"), 1002),
        (frame(1, b"\xff\xfe"), 1007),
        (frame(8, (1000).to_bytes(2, "big") + b"\xff"), 1007),
        (frame(2, b"\x00"), 1003),
        (b"\x81\xff" + (2**62).to_bytes(8, "big") + bytes(4), 1009),
        (b"\x81\xff" + (1 << 20).to_bytes(8, "big") + bytes(4) + b"x" * (1 << 20), 1009),
        (frame(1, b"x" * 40_000, fin=False) + frame(0, b"x" * 40_000), 1009),
        (frame(8, (1000).to_bytes(2, "big")), 1000),
    ],
    ids=range(16),
)
async def test_what_breaks_the_protocol_is_sent_away_with_the_code_for_it(
    sent: bytes, code: int, service: Service
) -> None:
    s = shaken(service)
    with suppress(BrokenPipeError, ConnectionResetError):
        await asyncio.to_thread(s.sendall, sent)

    assert await asyncio.to_thread(close_code, s) == code
    assert await is_well(service)


@pytest.mark.parametrize(
    "said",
    ["{", "null", "[]", "NaN", '"x"', "[" * 30_000, '{"action":' * 5_000, '{"action":"\\ud800"}',
     '{"action":{"a":1}}', '{"action":"subscribe"}',
     '{"action":"subscribe","channel":["ticker"],"symbols":"BTC"}', '{"service":"/../../x"}',
     '{"action":"subscribe","service":"//evil.example/x"}', "\x00", "\u2028" * 100],
    ids=range(15),
)  # fmt: skip
async def test_what_makes_no_sense_is_told_so_and_the_socket_stays(
    said: str, service: Service
) -> None:
    headers = {"X-Forwarded-For": Callers.another()}
    async with connect(f"{service.socket}/ws", additional_headers=headers) as client:
        await client.send(said)
        answer = json.loads(await client.recv())
        await client.send('{"action": "ping"}')
        after = json.loads(await client.recv())

    assert answer["success"] is False
    assert len(json.dumps(answer)) < 3000
    assert after["type"] == "pong"


async def test_a_flood_of_handshakes_from_one_address_is_refused_and_others_get_in(
    service: Service,
) -> None:
    headers = {"X-Forwarded-For": Callers.another()}
    taken, refused = [], []
    try:
        for _ in range(2 * LIMIT):
            try:
                taken.append(await connect(f"{service.socket}/ws", additional_headers=headers))
            except InvalidStatus as error:
                refused.append(error.response.status_code)
        assert (len(taken), refused) == (LIMIT, [429] * LIMIT)
        assert await is_well(service)
    finally:
        for client in taken:
            await client.close()


async def test_a_flood_of_messages_is_read_slowly_and_keeps_nobody_waiting(
    service: Service,
) -> None:
    s = shaken(service)
    before_kb = memory_kb(service.pid)
    one = frame(1, b'{"action":"subscribe","channel":"ticker","symbols":["BTC","ETH","SOL"]}')
    s.setblocking(False)
    sent = 0
    until = time.monotonic() + 1.5
    while sent < 10_000 and time.monotonic() < until:
        try:
            sent += s.send(one * 20) // len(one)
        except BlockingIOError:
            await asyncio.sleep(0.01)
    well = await is_well(service)
    grown_kb = memory_kb(service.pid) - before_kb
    s.close()

    assert well
    assert grown_kb < 20_000


def open_files(service: Service) -> int:
    return len(list(Path(f"/proc/{service.pid}/fd").iterdir()))


async def test_peers_that_vanish_without_a_word_are_let_go(service: Service) -> None:
    before = open_files(service)
    vanished = [shaken(service) for _ in range(20)]
    held = open_files(service)
    for s in vanished:  # half-open: nothing is read and nothing said, pings stay unanswered
        s.shutdown(socket.SHUT_RD)
    async with asyncio.timeout(8):
        while open_files(service) > before:  # noqa: ASYNC110 - another process's files
            await asyncio.sleep(0.1)
    for s in vanished:
        s.close()

    assert held >= before + 20
    assert await is_well(service)
