"""A real Redis on loopback that can be killed, paused and brought back."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from loopback import NotInstalled, free_port


class RedisServer:
    """A redis-server of our own that keeps nothing on disk, as a context manager.

    Raises:
        NotInstalled: there is no such program.
    """

    def __init__(self, program: str | None = None) -> None:
        self.program = program or find_redis()
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

    def __enter__(self) -> Self:
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


def find_redis() -> str:
    """The redis-server program.

    Raises:
        NotInstalled: there is none.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise NotInstalled("redis-server is not installed")
    return program
