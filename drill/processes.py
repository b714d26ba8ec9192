"""Processes of the drill: the server under drill and the sandbox that plays its upstreams."""

import asyncio
import contextlib
import json
import mmap
import os
import resource
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from lib.sandbox.app import PROVIDERS, STREAMED
from lib.settings import Settings
from loopback import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
LOGS: Final = ROOT / "build" / "logs"
READY_S: Final = 30.0
SETTLED_S: Final = 3.0
NOBODY: Final = "ws://127.0.0.1:9"


class Process:
    """A child process: killed, paused and brought back under the same name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.paused = False
        self._running: subprocess.Popen[str] | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs and is not paused."""
        running = self._running is not None and self._running.poll() is None
        return running and not self.paused

    @property
    def pid(self) -> int:
        """Its number while it runs."""
        assert self._running
        return self._running.pid

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._running:
            self._running.send_signal(signal.SIGKILL)
            self._running.wait()
            self._running = None
        self.paused = False

    def pause(self) -> None:
        """Let it hang: its port stays open and nothing is answered."""
        assert self._running
        self.paused = True
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._running
        self._running.send_signal(signal.SIGCONT)
        self.paused = False

    def ask_to_end(self) -> None:
        """What a supervisor sends first."""
        if self._running:
            if self.paused:
                self.resume()
            self._running.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end; after five seconds, make it."""
        self.ask_to_end()
        if self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._running.wait(5)
            self.kill()

    def _spawn(self, words: list[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"drill-{self.name}.log").open("a") as log:
            self._running = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env={k: v for k, v in os.environ.items() if not _is_setting(k)} | dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if self.name == "upstream" else log,
                stderr=log,
                text=True,
            )
        return self._running


class Upstream(Process):
    """The sandbox, on one port for good."""

    def __init__(self, seed: int) -> None:
        super().__init__("upstream")
        self.seed = seed
        self.port = free_port()
        self.faults: dict[str, str] = {}

    def start(self) -> None:
        """Start it, and wait until it plays."""
        process = self._spawn(["-m", "drill.upstream", str(self.port), str(self.seed)], {})
        self._hear(process, "ready")
        self.set(self.faults)

    @property
    def sources(self) -> tuple[str, ...]:
        """Everyone that it plays."""
        return tuple(PROVIDERS)

    def addresses(self) -> dict[str, str]:
        """The settings that point every provider, and every stream, here; streams that the
        sandbox does not play are at a port where nobody listens."""
        root = f"127.0.0.1:{self.port}"
        bases = {f"{name.upper()}_BASE_URL": f"http://{root}/{name}" for name in PROVIDERS}
        streams = {f"{name.upper()}_WS_URL": f"ws://{root}/{name}" for name in STREAMED}
        nobody = dict.fromkeys(("COINBASE_WS_URL", "OKX_WS_URL", "KUCOIN_WS_URL"), NOBODY)
        return nobody | bases | streams

    def set(self, faults: Mapping[str, str]) -> None:
        """Replace all faults."""
        self.faults = dict(faults)
        process = self._running
        assert process
        assert process.stdin
        process.stdin.write(json.dumps(self.faults) + "\n")
        process.stdin.flush()
        self._hear(process, "set")

    @staticmethod
    def _hear(process: subprocess.Popen[str], word: str) -> None:
        assert process.stdout
        heard = process.stdout.readline().strip()
        if heard != word:
            raise RuntimeError(f"the sandbox said {heard!r}, not {word!r}")


class Server(Process):
    """The service in a process of its own, with a wall clock that can be moved."""

    def __init__(self, name: str, environment: Mapping[str, str], folder: Path) -> None:
        super().__init__(name)
        self.port = free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self.ill_until = 0.0  # for whoever balances load; monotonic seconds
        self._environment = environment
        self._clock = folder / f"clock-{name}"
        self._clock.write_bytes(bytes(8))
        self._offset_s = 0.0
        self._moved_at = 0.0

    def start(self, **changed: str) -> None:
        """Start it with some settings changed; returns at once."""
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--upstream", "live"]
        words = ["-m", "drill.launch", str(self._clock), *arguments]
        self._spawn(words, {**self._environment, **changed})

    def move_clock(self, seconds: float) -> None:
        """Let its wall clock be off by so much."""
        self._offset_s, self._moved_at = seconds, time.monotonic()
        with self._clock.open("r+b") as opened, mmap.mmap(opened.fileno(), 8) as shared:
            struct.pack_into("<q", shared, 0, round(seconds * 1000))

    def now_ms(self) -> float | None:
        """What its wall clock shows; `None` shortly after it was moved, while answers are under
        way that were begun before."""
        settled = time.monotonic() - self._moved_at > SETTLED_S
        return (time.time() + self._offset_s) * 1000 if settled else None

    def limit(self, what: int, to: int | None) -> None:
        """Set one of its resource limits, or lift it again with `None`."""
        _, hard = resource.prlimit(self.pid, what)
        resource.prlimit(self.pid, what, (hard if to is None else to, hard))

    def open_files(self) -> int:
        """How many descriptors it holds."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    async def ready(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or did not within half a minute.
        """
        give_up = time.monotonic() + READY_S
        async with httpx.AsyncClient(trust_env=False) as client:
            while time.monotonic() < give_up:
                if self._running is None or self._running.poll() is not None:
                    break
                with contextlib.suppress(httpx.TransportError):
                    reply = await client.get(f"{self.root}/health/live", timeout=2)
                    if reply.is_success:
                        return
                await asyncio.sleep(0.1)
        raise RuntimeError(f"server {self.name} does not run; see {LOGS}/drill-{self.name}.log")


def _is_setting(name: str) -> bool:
    return name.lower() in Settings.model_fields or name.endswith(("_BASE_URL", "_WS_URL"))
