"""Bodies are bounded while they are decompressed."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from lib.errors import SourceMalformed
from lib.runtime import build_client
from lib.wire.bodies import read_body

pytestmark = pytest.mark.anyio

MOST = 1024 * 1024
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def upstream(write: Write) -> AsyncIterator[str]:
    """A server on loopback that writes the same to everybody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await write(writer)
            writer.close()
        except ConnectionError:
            pass

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        await server.wait_closed()


def whole(body: bytes, *headers: bytes) -> Write:
    """An answer with this body."""

    async def write(writer: asyncio.StreamWriter) -> None:
        lines = (b"HTTP/1.1 200 OK", b"connection: close", *headers)
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        await writer.drain()

    return write


async def fetch(write: Write) -> bytes:
    """What is read of such an answer."""
    async with upstream(write) as url, build_client() as client, client.stream("GET", url) as reply:
        return await read_body(reply, MOST)


async def test_a_plain_body_is_read() -> None:
    assert await fetch(whole(b"hello")) == b"hello"


async def test_a_gzipped_body_is_read() -> None:
    text = bytes(range(256)) * 2000

    assert await fetch(whole(gzip.compress(text), b"content-encoding: gzip")) == text


async def test_a_body_of_50_megabytes_is_refused_early() -> None:
    sent = 0

    async def write(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        for _ in range(50):
            writer.write(b"x" * 1024 * 1024)
            await writer.drain()
            sent += 1

    with pytest.raises(SourceMalformed, match="larger"):
        await fetch(write)

    assert sent < 50


async def test_a_gzip_bomb_is_refused_without_being_unpacked() -> None:
    bomb = gzip.compress(bytes(100 * MOST), compresslevel=6)
    tracemalloc.start()

    with pytest.raises(SourceMalformed, match="larger"):
        await fetch(whole(bomb, b"content-encoding: gzip"))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * MOST


@pytest.mark.parametrize("coding", [b"br", b"zstd", b"deflate", b"gzip, gzip", b"unheard-of"])
async def test_a_coding_that_was_not_asked_for_is_refused(coding: bytes) -> None:
    with pytest.raises(SourceMalformed, match="coding"):
        await fetch(whole(b"\x00" * 10, b"content-encoding: " + coding))


async def test_a_gzipped_body_that_breaks_off_is_refused() -> None:
    half = gzip.compress(bytes(range(256)) * 100)[:-20]

    with pytest.raises(SourceMalformed, match="breaks off"):
        await fetch(whole(half, b"content-encoding: gzip"))


async def test_what_only_says_that_it_is_gzipped_is_refused() -> None:
    with pytest.raises(SourceMalformed, match="no gzip"):
        await fetch(whole(b"<rss>plain</rss>", b"content-encoding: gzip"))


async def test_only_gzip_is_asked_for() -> None:
    async with build_client() as client:
        assert client.headers["accept-encoding"] == "gzip"


async def test_a_body_that_a_transport_has_read_already_is_taken_as_it_is() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"ready"))
    async with (
        httpx.AsyncClient(transport=transport) as client,
        client.stream("GET", "http://x/") as reply,
    ):
        assert await read_body(reply, MOST) == b"ready"
