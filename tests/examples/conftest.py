"""The server that the examples talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import running_service

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="session")
def root() -> Iterator[str]:
    """A server over the sandbox."""
    with running_service("--upstream", "sandbox", RATE_LIMIT_IP="0") as address:
        yield address


@pytest.fixture
def examples() -> Path:
    """Where the examples are."""
    return EXAMPLES
