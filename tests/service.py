"""The real server on loopback, in a process of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from lib.settings import Settings
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "build" / "logs"
READY_S = 30
DRAIN_S = 10


@contextlib.contextmanager
def running_service(*flags: str, **environment: str) -> Iterator[str]:
    """Run `local_server.py` with these flags until the block ends; its root address.

    The process's own settings are what `environment` says and nothing else, so a developer's keys
    do not leak in. The log stays in `build/logs/service-PORT.log`; its end goes with any error
    raised in the block.
    """
    port = free_port()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"service-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "local_server.py", "--host", "127.0.0.1", "--port", str(port), *flags],
            cwd=ROOT,
            env=_environment(
                {"LEDGER_PATH": str(log.with_suffix(".sqlite3")), "DRAIN_S": "0"} | environment
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # so that all that it starts ends with it
        )
    root = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, root)
        yield root
    except BaseException as error:
        error.add_note(f"{log}:\n{_tail(log)}")
        raise
    finally:
        _end(process)


def _environment(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _is_setting(name)} | given


def _is_setting(name: str) -> bool:
    return name.lower() in Settings.model_fields or name.endswith(("_BASE_URL", "_WS_URL"))


def _wait_until_ready(process: subprocess.Popen[bytes], root: str) -> None:
    give_up = time.monotonic() + READY_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it was ready")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{root}/health/ready", timeout=5, trust_env=False).is_success:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server was not ready within {READY_S} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole process group to end; after a while, make it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(DRAIN_S)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]
