"""What all tests share: the corpus of recorded payloads, and a clock that stands still."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(
    os.environ.get("CORPUS", Path(__file__).resolve().parents[1] / ".." / "shared" / "data")
).resolve()


def read_json(path: Path) -> Any:
    """Read a JSON file, gzipped or not."""
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)


class Corpus:
    """The recorded payloads and the independent parser's reading of them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def recording(self, name: str) -> Any:
        """The whole recording of `provider/name`, with request, status and body."""
        return read_json(self._find(f"payloads/{name}"))

    def body(self, name: str) -> bytes:
        """The answer's body as bytes."""
        recording = self.recording(name)
        if "body_text" in recording:
            return str(recording["body_text"]).encode()
        return json.dumps(recording["body"]).encode()

    def oracle(self, name: str) -> Any:
        """What the independent parser read."""
        return read_json(self._find(f"oracle/{name}"))["parsed"]

    def _find(self, stem: str) -> Path:
        for ending in (".json", ".json.gz"):
            path = self.root / (stem + ending)
            if path.exists():
                return path
        raise FileNotFoundError(stem)


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The corpus, or a named skip where it is absent (a failure under REQUIRE_CORPUS=1)."""
    if not (CORPUS / "payloads").is_dir():
        if os.environ.get("REQUIRE_CORPUS") == "1":
            pytest.fail(f"REQUIRE_CORPUS=1, but there is no corpus at {CORPUS}")
        pytest.skip("the corpus of recorded payloads is absent (set CORPUS)")
    return Corpus(CORPUS)


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio."""
    return "asyncio"


class StillClock:
    """A clock that moves only when told to."""

    def __init__(self, now_ms: int = 1_764_000_000_000) -> None:
        self._now_ms = now_ms
        self._monotonic = 1000.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_ms += round(seconds * 1000)
        self._monotonic += seconds


@pytest.fixture
def clock() -> StillClock:
    """A clock that moves only when told to."""
    return StillClock()
