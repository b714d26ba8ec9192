"""Answers through our own HTTP protocol are those of plain ASGI, byte for byte of meaning."""

import asyncio
from hashlib import sha256
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from adapters.http_protocol import HttpProtocol
from adapters.rendering import lines_of
from tests.house import House

PRICE = "/api/price/BTC"
DATE = (b"date", b"Mon, 24 Nov 2025 16:02:03 GMT")


class Wire(asyncio.Transport):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("203.0.113.7", 4000), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Connection:
    """One client's connection to the service, without a network."""

    def __init__(self, house: House, kind: type[HttpToolsProtocol] = HttpProtocol) -> None:
        config = uvicorn.Config(house.app, log_config=None, access_log=False, lifespan="off")
        config.load()
        self.state = ServerState()
        self.state.default_headers = [DATE]
        self.wire = Wire()
        self.protocol = kind(config, self.state, {})
        self.protocol.connection_made(self.wire)

    async def ask(self, request: str) -> bytes:
        """Send bytes; what comes back until all is answered."""
        self.wire.sent = b""
        self.protocol.data_received(request.replace("\n", "\r\n").encode())
        await self.settle()
        return self.wire.sent

    async def settle(self) -> None:
        """Wait until all that was asked is answered."""
        while self.state.tasks:
            await asyncio.wait(self.state.tasks)
        self.protocol._unset_keepalive_if_required()


def meaning(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Status line, header lines in any order, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return status, sorted(lines), body


REQUESTS = [
    f"GET {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\n\n",
    f"GET {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\nOrigin: https://a.example\n\n",
    f"GET {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\nIf-None-Match: *\n\n",
    f"GET {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\nConnection: close\n\n",
    f"GET {PRICE} HTTP/1.0\nHost: x\nX-Request-ID: same-id-1\n\n",
    f"HEAD {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\n\n",
    "GET /api/market?limit=9 HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\nAccept-Encoding: br\n\n",
    "GET /health/live HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\n\n",
    "GET /nowhere HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\n\n",
    f"OPTIONS {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\nOrigin: https://a.example\n\n",
]


@pytest.mark.parametrize("headers", ["", "X-API-Key: dm_a-key\n", "Origin: https://a.example\n"])
async def test_a_limit_is_told_as_through_plain_asgi(headers: str) -> None:
    asked = f"GET {PRICE} HTTP/1.1\nHost: x\nX-Request-ID: same-id-1\n{headers}\n"
    keys = f"tester:{sha256(b'dm_a-key').hexdigest()}"
    told = []
    for kind in (HttpProtocol, HttpToolsProtocol):
        async with House(settings={"RATE_LIMIT_IP": "9", "API_KEYS": keys}) as house:
            await Connection(house, kind).ask(asked)
            told.append(meaning(await Connection(house, kind).ask(asked)))

    assert told[0] == told[1]
    assert any(line.startswith(b"ratelimit-policy: ") for line in told[0][1])


@pytest.mark.parametrize("request_", REQUESTS)
async def test_a_hit_is_the_same_answer_as_through_plain_asgi(house: House, request_: str) -> None:
    await Connection(house).ask(request_)
    house.clock.advance(1)

    ours, plain = Connection(house), Connection(house, HttpToolsProtocol)

    assert meaning(await ours.ask(request_)) == meaning(await plain.ask(request_))
    assert ours.wire.closed == plain.wire.closed
    assert ours.state.total_requests == plain.state.total_requests == 1


async def test_a_kept_connection_serves_one_request_after_another(house: House) -> None:
    connection = Connection(house)

    answers = [await connection.ask(REQUESTS[0]) for _ in range(3)]

    assert [answer[:15] for answer in answers] == [b"HTTP/1.1 200 OK"] * 3


async def test_requests_that_come_at_once_are_answered_in_order(house: House) -> None:
    first, second = (REQUESTS[0].replace("same-id-1", name) for name in ("first-one", "second-one"))

    answer = await Connection(house).ask(first + second)

    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"first-one") < answer.index(b"second-one")


async def test_nothing_is_written_to_who_has_left(house: House) -> None:
    await house.get(PRICE)
    connection = Connection(house)

    connection.protocol.data_received(REQUESTS[0].replace("\n", "\r\n").encode())
    connection.protocol.connection_lost(ConnectionResetError())
    await connection.settle()

    assert connection.wire.sent == b""


async def test_a_reader_who_does_not_read_is_waited_for(house: House) -> None:
    await house.get(PRICE)
    connection = Connection(house)
    connection.protocol.pause_writing()

    connection.protocol.data_received(REQUESTS[0].replace("\n", "\r\n").encode())
    for _ in range(5):
        await asyncio.sleep(0)
    before = connection.wire.sent
    connection.protocol.resume_writing()
    await connection.settle()

    assert before == b""
    assert connection.wire.sent.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: x", b"a\nb", b"a\rb"])
def test_a_header_with_a_line_break_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="line break"):
        lines_of([(b"x-source", value)])
