"""Whoever is woken by a line of the log finds its event in the handbook."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = (ROOT / "docs" / "operations.md").read_text()
LOGGED = re.compile(r"_?log\.(?:warning|error|exception|critical)\(\s*\"([a-z_.]+)\"")


def test_every_event_of_a_warning_is_explained() -> None:
    files = [p for top in ("lib", "adapters", "functions") for p in (ROOT / top).rglob("*.py")]
    events = {event for path in files for event in LOGGED.findall(path.read_text())}

    assert "store.down" in events
    assert {event for event in events if f"`{event}`" not in HANDBOOK} == set()
