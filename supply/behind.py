"""Which pins are behind the newest release, as far as the package index says.

No advisory, but a hint where those cannot be asked: what is known against an old release is mostly
mended in the newest.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from supply.locks import ROOT, normal

PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "1")
KNOWN: Final = "pip"
"""A package that every index has: where it does not know this one, it does not answer."""


class Newest(NamedTuple):
    """What is installed here, and what is newer: versions by package."""

    installed: Mapping[str, str]
    newer: Mapping[str, str]


def ask_index(execute: Callable[[Sequence[str], Path], tuple[str, str]]) -> Newest | None:
    """What pip says of this environment; `None` if the index does not answer: then it says that
    nothing is newer."""
    if not execute([*PIP, "index", "versions", KNOWN], ROOT)[0].strip():
        return None
    installed, newer = (
        json.loads(execute([*PIP, "list", *options, "--format", "json"], ROOT)[0])
        for options in ([], ["--outdated"])
    )
    return Newest(_by_name(installed, "version"), _by_name(newer, "latest_version"))


def behind(pins: Mapping[str, str], newest: Newest | None) -> str:
    """A sentence on a lock's pins."""
    if newest is None:
        return "the index does not say which pins are behind the newest release"
    seen = {
        name: version for name, version in pins.items() if newest.installed.get(name) == version
    }
    late = [f"{n} {v} (newest {newest.newer[n]})" for n, v in seen.items() if n in newest.newer]
    told = f"{len(late)} of {len(seen)} pins that are installed here are behind the newest release"
    return f"{told}: {', '.join(late)}" if late else told


def _by_name(rows: list[dict[str, Any]], version: str) -> dict[str, str]:
    return {normal(row["name"]): row[version] for row in rows}
