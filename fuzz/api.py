"""schemathesis over `/openapi.json`, with all its checks: in one process, and over HTTP."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema

from adapters.asgi import create_app
from functions import load_endpoints
from fuzz import explained
from fuzz.seeds import NOW_MS
from lib.runtime import build_runtime, load_providers
from lib.sandbox import PROVIDERS, create_sandbox
from lib.settings import Settings
from loopback import free_port

ROOT: Final = Path(__file__).resolve().parents[1]
KEY: Final = "a-key-for-the-fuzz"
KEYS: Final = f"fuzz:{hashlib.sha256(KEY.encode()).hexdigest()}"
STEP_S: Final = 0.25
"""How far time moves with a request in one process, so that quotas fill up again."""
STREAM: Final = "/api/stream/{channel}"
"""Its answers never end, and one process without listeners has none."""
READY_S: Final = 30


class Report:
    """What came of asking.

    Attributes:
        cases: how many requests were made.
        findings: failures that nothing explains, by what they are.
        explained: how many others there were, by reason.
    """

    def __init__(self) -> None:
        self.cases = 0
        self.findings: dict[str, str] = {}
        self.explained: Counter[str] = Counter()

    def add(self, event: events.ScenarioFinished) -> None:
        """Count what one operation's turn brought."""
        self.cases += len(event.recorder.cases)
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.failure_info is None:
                    continue
                failure = check.failure_info.failure
                answer = event.recorder.find_response(case_id=case_id)
                said = answer.content[:300].decode(errors="replace") if answer else ""
                told = "\n".join((failure.message, check.failure_info.code_sample, said))
                self.findings.setdefault(f"{event.recorder.label}: {failure.title}", told)


class _Clock:
    """Moves with every request that is answered."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def now_ms(self) -> int:
        return NOW_MS + round(self.passed_s * 1000)

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s


@contextmanager
def in_process() -> Iterator[Any]:
    """The whole service as one ASGI app over the sandbox, both on a clock of their own."""
    clock = _Clock()
    played = [
        name for name in load_providers() if name in PROVIDERS or name.startswith("embedded_")
    ]
    addresses = {f"{name.upper()}_BASE_URL": f"http://sandbox/{name}" for name in played}
    settings = Settings.load(
        addresses | {"RATE_LIMIT_IP": "0", "RATE_LIMIT_KEY": "0", "API_KEYS": KEYS}
    )
    runtime = build_runtime(
        settings,
        transport=httpx.ASGITransport(create_sandbox(1, clock.now_ms)),
        clock=clock,
        names=played,
        hedge_s=2.0,
    )
    app = create_app(load_endpoints(), runtime)

    async def stepping(scope: Any, receive: Any, send: Any) -> None:
        clock.passed_s += STEP_S
        await app(scope, receive, send)

    yield stepping


@contextmanager
def over_http() -> Iterator[str]:
    """The real server over the sandbox on loopback; its root address."""
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        settings = {"RATE_LIMIT_IP": "0", "RATE_LIMIT_KEY": "0", "API_KEYS": KEYS}
        with (Path(folder) / "log").open("wb") as log:
            command = [
                sys.executable,
                "local_server.py",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
            ]
            server = subprocess.Popen(  # noqa: S603 - our own server
                [*command, "--upstream", "sandbox"],
                cwd=ROOT,
                env={**os.environ, **settings, "LEDGER_PATH": f"{folder}/ledger.sqlite3"},
                stdout=log,
                stderr=log,
            )
        try:
            _wait(root)
            yield root
        finally:
            server.terminate()
            server.wait(10)


def _wait(root: str) -> None:
    give_up = time.monotonic() + READY_S
    while time.monotonic() < give_up:
        with suppress(httpx.TransportError):
            if httpx.get(f"{root}/health/ready", timeout=5, trust_env=False).is_success:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the server was not ready within {READY_S} s")


def ask(target: Any, cases: int, seconds: float, seed: int) -> Report:
    """Ask every operation at least once, and go on until there were so many cases or seconds.

    Args:
        target: an ASGI app, or the root address of a server.
    """
    report = Report()
    _current.append(report)
    until = time.monotonic() + seconds
    turn = 0
    while report.cases < cases and time.monotonic() < until:
        config = _config(seed + turn, max(2, (cases - report.cases) // 150), until)
        schema: Any
        if isinstance(target, str):
            schema = schemathesis.openapi.from_url(f"{target}/openapi.json", config=config)
        else:
            schema = schemathesis.openapi.from_asgi("/openapi.json", target, config=config)
        schema = schema.exclude(path=STREAM)
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                report.add(event)
            if isinstance(event, events.NonFatalError):
                report.findings.setdefault(event.label, str(event.value))
            if isinstance(event, events.FatalError):
                raise event.exception
        turn += 1
    return report


_current: list[Report] = []
"""The report that is being written: hooks are registered for good."""


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:  # noqa: ARG001
    """Leave out, and count, what the contract calls right."""
    why = explained.reason(failure, case, response)
    if why:
        _current[-1].explained[why] += 1
    return why is None


def _config(seed: int, examples: int, until: float) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            "request-timeout": 60.0,
            "max-time": max(1, round(until - time.monotonic())),
            "headers": {"Authorization": f"Bearer {KEY}"},
            "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
            "checks": {
                "negative_data_rejection": {
                    # beside the usual ones: too large a body, too long a target, another media type
                    "expected-statuses": [400, 401, 403, 404, 405, 413, 414, 415, 422, 503]
                },
            },
        }
    )
