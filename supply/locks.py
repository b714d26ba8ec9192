"""The lock files, and what they pin."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
REQUIREMENTS: Final = ROOT / "requirements"
ACCEPTED: Final = ROOT / "supply" / "accepted.toml"

RUNNING: Final = ("space", "page", "light", "ai", "ai-python3.11")
"""Locks of what runs: the Space with its page, and the Lambdas' layers."""

WORKING: Final = ("dev", "train")
"""Locks of what tests and trains."""

_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def lock(name: str) -> Path:
    """A lock file by its name."""
    return REQUIREMENTS / f"{name}.txt"


def pinned(name: str) -> dict[str, str]:
    """Versions by package, names as the index writes them."""
    return {normal(found[1]): found[2] for found in _PIN.finditer(lock(name).read_text())}


def normal(package: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def has_hashes(name: str) -> bool:
    """Whether every pin of a lock comes with the hashes of its files."""
    blocks = re.split(r"\n(?=\S)", lock(name).read_text())
    pins = [block for block in blocks if _PIN.match(block)]
    return bool(pins) and all("--hash=sha256:" in block for block in pins)
