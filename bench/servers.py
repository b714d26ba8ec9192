"""Servers to be measured, each in a process of its own on one core, and what they cost."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lib.runtime import load_providers
from lib.sandbox import SandboxServer
from loopback import free_port

ROOT = Path(__file__).resolve().parents[1]
SERVER_CORE, CLIENT_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


class Server(NamedTuple):
    """A server that runs."""

    name: str
    root: str
    pid: int

    def cpu_s(self) -> float:
        """CPU seconds used so far, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_kb(self) -> int:
        """Resident memory."""
        return int(figure(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text()))

    @property
    def port(self) -> int:
        """Where on loopback it listens."""
        return int(self.root.rpartition(":")[2])


@contextlib.contextmanager
def running(
    name: str, command: list[str], environ: Mapping[str, str], *, pinned: bool = True
) -> Iterator[Server]:
    """Start a server on a free port, pinned to its core; `{port}` in the command is filled in."""
    port = free_port()
    pin = ["taskset", "-c", SERVER_CORE] if pinned and shutil.which("taskset") else []
    process = subprocess.Popen(
        pin + [word.replace("{port}", str(port)) for word in command],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{name} did not start")
        yield Server(name, f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()


@contextlib.contextmanager
def running_ours(
    *, environ: Mapping[str, str] | None = None, upstream: str = ""
) -> Iterator[tuple[Server, SandboxServer]]:
    """The whole service on one core, over the sandbox in this process: `app.state.calls` counts
    what its sources were asked. Or over another `upstream` of the same paths."""
    with SandboxServer(seed=1) as sandbox, tempfile.TemporaryDirectory() as folder:
        root = upstream or f"http://127.0.0.1:{sandbox.port}"
        settings = {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in load_providers()}
        settings |= {"RATE_LIMIT_IP": "0", "LOG_LEVEL": "error", **(environ or {})}
        settings["LEDGER_PATH"] = f"{folder}/ledger.sqlite3"
        command = ["local_server.py", "--host", "127.0.0.1", "--port", "{port}"]
        with running("ours", [sys.executable, *command, "--upstream", "live"], settings) as one:
            yield one, sandbox


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """A Redis that keeps nothing on disk, on any core; its address."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("bench: redis-server is needed (apt-get install redis-server)")
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", "{port}", "--bind", "127.0.0.1", "--dir", folder]
        command = [program, *options, "--save", "", "--appendonly", "no"]
        with running("redis", command, {}, pinned=False) as store:
            yield f"redis://{store.root.removeprefix('http://')}/0"


def uvicorn(target: str) -> list[str]:
    """The command of a yardstick: the same server, the same loop, another app."""
    return [
        *(sys.executable, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", "{port}"),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"),
        "--no-server-header",
    ]


def need_wrk() -> str:
    """The load generator's path."""
    found = shutil.which("wrk")
    if found is None:
        sys.exit("bench: wrk is needed (apt-get install wrk)")
    return found


def per_cpu_second(
    server: Server, path: str, headers: Mapping[str, str], seconds: int, connections: int = 64
) -> float:
    """Requests that one CPU second of the server answers, under load from the other core."""
    pin = ["taskset", "-c", CLIENT_CORE] if shutil.which("taskset") else []
    asked = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    before = server.cpu_s()
    told = subprocess.run(
        [*pin, need_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", *asked, server.root + path],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    ).stdout
    used = server.cpu_s() - before
    if "Non-2xx" in told:
        failed = figure(r"Non-2xx or 3xx responses: (\d+)", told)
        raise RuntimeError(f"{server.name}: {failed} answers were errors")
    return float(figure(r"(\d+) requests in", told)) / used


def figure(pattern: str, told: str) -> str:
    """What a pattern's group finds in what a program printed.

    Raises:
        ValueError: nothing.
    """
    found = re.search(pattern, told)
    if found is None:
        raise ValueError(f"no {pattern} in {told[-500:]!r}")
    return found[1]
