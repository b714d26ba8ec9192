"""Real servers on loopback for tests: Redis, and some that misbehave."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

import pytest

import loopback.redis
from loopback import NotInstalled, free_port
from loopback.redis import resp_command

__all__ = ["RedisServer", "find_redis", "free_port", "parrot", "resp_command"]


def find_redis() -> str:
    """The redis-server program; without it the test is skipped, or fails if REQUIRE_SERVERS=1."""
    try:
        return loopback.redis.find_redis()
    except NotInstalled as error:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(f"REQUIRE_SERVERS=1, but {error}")
        pytest.skip(str(error))


class RedisServer(loopback.redis.RedisServer):
    """A redis-server of the test's own."""

    def __init__(self) -> None:
        super().__init__(find_redis())


@contextlib.contextmanager
def parrot(answer: bytes | None) -> Iterator[int]:
    """Listen on a port and answer everything with the same bytes, or with silence if `None`."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets: list[socket.socket] = []

    def talk(s: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while s.recv(65536):
                if answer is not None:
                    s.sendall(answer)
                    if answer.startswith(b"HTTP/"):
                        break
        if answer is not None:
            s.close()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                s, _ = listener.accept()
                open_sockets.append(s)
                threading.Thread(target=talk, args=(s,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for s in open_sockets:
            s.close()
        accepting.join(5)
