"""Hostile clients' tools: bytes sent as they are, and a server on loopback that is in a hurry."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import uvicorn

from adapters.http_protocol import HttpProtocol
from adapters.socket_protocol import SocketProtocol

PATIENCE_S = 10


class HurriedHttp(HttpProtocol):
    """As the real one, which waits for fifteen seconds."""

    arrival_s = 0.4


class Wire:
    """A raw connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)

    def send(self, data: bytes) -> None:
        """Send bytes; that the other side has gone is no error here."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def rest(self) -> bytes:
        """Everything until the other side closes."""
        pieces = []
        with suppress(ConnectionResetError):
            while piece := self.socket.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def status_of(answer: bytes) -> int:
    """The status of the first answer; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def told(port: int, request: bytes) -> bytes:
    """What comes back for these bytes until the server closes."""
    with Wire(port) as wire:
        wire.send(request)
        return wire.rest()


def get(port: int, target: str = "/health/live", *lines: str) -> bytes:
    """An ordinary request on a connection of its own."""
    head = [f"GET {target} HTTP/1.1", "Host: test", "Connection: close", *lines]
    return told(port, ("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))


@contextmanager
def serving(app: Any, http: type[HttpProtocol] = HurriedHttp) -> Iterator[int]:
    """Our own protocols under uvicorn, in a thread; the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=http, ws=SocketProtocol, log_config=None, access_log=False, lifespan="off",
        server_header=False, timeout_keep_alive=2, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    give_up = time.monotonic() + PATIENCE_S
    while not server.started and time.monotonic() < give_up:
        time.sleep(0.01)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()
