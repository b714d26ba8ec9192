"""What every step of the rehearsal leans on: folders, processes that end, ports, failures."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
WORK: Final = ROOT / "build" / "rehearsal"
STAGE: Final = "rehearsal"
REGION: Final = "us-east-1"
PATIENCE_S: Final = 60


class Failed(Exception):
    """A step does not hold; the sentence says what and where."""


def run(words: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end; what it printed.

    Raises:
        Failed: it ended with an error, or not within five minutes.
    """
    try:
        done = subprocess.run(  # noqa: S603 - words of our own
            words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"`{' '.join(words)}` did not end within 300 s") from None
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise Failed(f"`{' '.join(words)}` ended with {done.returncode}:\n{said}")
    return done.stdout


@contextmanager
def running(
    words: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its own group, ended with all its children at the end of the block."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - words of our own
            words, cwd=cwd, env=env, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    with suppress(ProcessLookupError):  # children that outlived it
        os.killpg(process.pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], what: str, log: Path) -> None:
    """Wait until something is so.

    Raises:
        Failed: it is not within a minute; the end of its log says more.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    raise Failed(f"{what} did not come up within {PATIENCE_S} s:\n{tail(log)}")


def listens(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tail(log: Path, most: int = 2500) -> str:
    """The end of a log."""
    return log.read_text(errors="replace")[-most:] if log.exists() else ""


def plain_env(**more: str) -> dict[str, str]:
    """An environment with nothing of this shell's but its search path."""
    kept = {
        k: v for k in ("PATH", "HOME", "LANG", "NODE_EXTRA_CA_CERTS") if (v := os.environ.get(k))
    }
    return {**kept, **more}
