"""Real servers on loopback for tests: Redis, and some that misbehave."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def find_redis() -> str:
    """The redis-server program; without it the test is skipped, or fails if REQUIRE_SERVERS=1."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail("REQUIRE_SERVERS=1, but redis-server is not installed")
        pytest.skip("redis-server is not installed")
    return program


class RedisServer:
    """A redis-server of our own that keeps nothing on disk, as a context manager."""

    def __init__(self) -> None:
        self.program = find_redis()
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = tempfile.TemporaryDirectory(prefix="redis-")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        folder = Path(self._folder.name)
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)]
        with (folder / "log").open("ab") as output:
            self._process = subprocess.Popen(
                [self.program, *options, "--save", "", "--appendonly", "no"],
                stdout=output,
                stderr=output,
            )
        for _ in range(400):
            with contextlib.suppress(OSError):
                if self.ask("PING") == b"+PONG\r\n":
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.025)
        raise RuntimeError(f"redis-server did not start: {(folder / 'log').read_text()[-500:]}")

    def ask(self, *words: str) -> bytes:
        """Send one command past every client library and return the first bytes of the reply."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
            s.sendall(resp_command(words))
            return s.recv(65536)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._folder.cleanup()


def resp_command(words: tuple[str, ...] | list[str]) -> bytes:
    """Write a command in Redis's own protocol."""
    pieces = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = word.encode()
        pieces.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(pieces)


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
