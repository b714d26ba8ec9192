"""The other side of the comparison: `local_server.py` over a sandbox whose clock stands still."""

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from lib.endpoint import Endpoint
from lib.runtime import load_providers
from lib.sandbox import SandboxServer
from lib.sandbox.clock import SandboxClock
from loopback import free_port
from rehearsal.questions import KEY, Question, question_for
from rehearsal.tools import WORK, listens, plain_env, running, wait_until

API_KEYS = f"rehearsal:{hashlib.sha256(KEY.encode()).hexdigest()}"


class Local(NamedTuple):
    """The server's address, and the settings that lead to the same sandbox."""

    root: str
    upstreams: dict[str, str]

    def ask(self, endpoint: Endpoint) -> httpx.Response:
        """What the server answers as if it had just started: a function knows nothing of what
        others fetched, and has its sources' quotas to itself."""
        self._tell("/api/admin/cache/purge", {})
        for source in dict.fromkeys(s for feed in endpoint.feeds for s in feed.sources):
            self._tell("/api/admin/sources", {"source": source, "enabled": True})
        return ask(self.root, question_for(endpoint))

    def _tell(self, path: str, said: dict[str, Any]) -> None:
        headers = {"authorization": f"Bearer {KEY}"}
        told = ask(self.root, Question("POST", path, headers, json.dumps(said).encode()))
        told.raise_for_status()


def ask(root: str, question: Question) -> httpx.Response:
    """Put a question over HTTP."""
    return httpx.request(
        question.method,
        root + question.target,
        headers=question.headers,
        content=question.body or None,
        trust_env=False,
        timeout=40,
    )


@contextmanager
def local_space() -> Iterator[Local]:
    """The sandbox in this process and the server beside it."""
    now_ms = time.time_ns() // 1_000_000
    with SandboxServer(clock=SandboxClock(fixed_ms=now_ms)) as sandbox:
        root = f"http://127.0.0.1:{sandbox.port}"
        upstreams = {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in load_providers()}
        upstreams |= sandbox.base_urls()
        port, log = free_port(), WORK / "logs" / "local_server.log"
        words = [sys.executable, "local_server.py", "--upstream", "live", "--host", "127.0.0.1"]
        limits = {"RATE_LIMIT_IP": "0", "RATE_LIMIT_KEY": "0"}
        env = plain_env(**upstreams, **limits, API_KEYS=API_KEYS)
        with running([*words, "--port", str(port)], log, env):
            wait_until(lambda: listens(port), "local_server.py", log)
            yield Local(f"http://127.0.0.1:{port}", upstreams)
