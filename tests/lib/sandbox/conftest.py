"""The sandbox in this process, asked without a socket, on a clock that stands still."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from lib.sandbox import SandboxClock, create_sandbox

NOW_MS = 1_764_003_845_678
"""2025-11-24 17:04:05.678 UTC, a Monday."""

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def sandbox() -> TestClient:
    """The sandbox of seed 1."""
    return TestClient(create_sandbox(1, SandboxClock(fixed_ms=NOW_MS)))


@pytest.fixture
def ask(sandbox: TestClient) -> Ask:
    """GET a path with parameters and read its JSON."""

    def get(path: str, **params: str | int) -> Any:
        response: httpx.Response = sandbox.get(path, params=params)
        return response.json()

    return get
