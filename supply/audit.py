"""What is known against the packages that the lock files pin: `make audit`.

    python -m supply.audit

An index that does not know a package answers as if there were nothing against it: a package that
nobody could tell about is not passed over.

Beside it stands which pins are behind the newest release: a hint, where nobody could be asked.

Asks the network. Takes as long as the index does, at most ten minutes a lock. Ends with 0 if
nothing is known, or all of it is explained in `supply/accepted.toml`; with 1 if something is; with
2 if somebody could not be asked.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from lib.command import command
from supply.behind import ask_index, behind
from supply.locks import ACCEPTED, ROOT, RUNNING, WORKING, lock, pinned

PATIENCE_S: Final = 600


class Advisory(NamedTuple):
    """Something known against a package."""

    package: str
    version: str
    id: str
    aliases: tuple[str, ...] = ()


class Told(NamedTuple):
    """What was found out about a lock file. `unasked` says about whom nothing could be."""

    advisories: tuple[Advisory, ...]
    unasked: tuple[str, ...]


class Accepted(NamedTuple):
    """An advisory that is known and does not matter here, until some day."""

    id: str
    package: str
    why: str
    until: date


Run = Callable[[Sequence[str], Path], tuple[str, str]]
"""Runs a command in a folder; its output and its errors."""


def main() -> int:
    """Ask about every lock, print what came of it; the process's exit code."""
    command(__doc__).parse_args()
    accepted = load_accepted(ACCEPTED)
    newest = ask_index(run)
    codes = []
    for name in (*RUNNING, *WORKING):
        if lock(name).exists():
            told = ask_python(lock(name), run)
            codes.append(report(name, told, accepted, sys.stdout.write))
            sys.stdout.write(f"{name}: {behind(pinned(name), newest)}\n")
    codes.append(report("npm", ask_npm(ROOT, run), accepted, sys.stdout.write))
    return max(codes, key=(0, 2, 1).index)


def load_accepted(path: Path) -> list[Accepted]:
    """Read the exceptions.

    Raises:
        ValueError: one does not say why, or until when.
    """
    rows = tomllib.loads(path.read_text()).get("accepted", [])
    made = [Accepted(r["id"], r["package"], r.get("why", ""), r["until"]) for r in rows]
    for one in made:
        if len(one.why) < 20 or not isinstance(one.until, date):
            raise ValueError(f"{one.id}: say why it does not matter here, and until when")
    return made


def ask_python(path: Path, execute: Run) -> Told:
    """What pip-audit says about a lock."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(path), "--disable-pip", "--no-deps"]
    command += ["-f", "json", "--progress-spinner", "off"]
    output, errors = execute(command, path.parent)
    try:
        rows = json.loads(output)["dependencies"]
    except (ValueError, LookupError):
        return Told((), (f"all: {_last_line(errors)}",))
    found = [
        Advisory(row["name"], row["version"], one["id"], tuple(one.get("aliases", ())))
        for row in rows
        for one in row.get("vulns", ())
    ]
    skipped = [f"{row['name']}: {row['skip_reason']}" for row in rows if "skip_reason" in row]
    return Told(tuple(found), tuple(skipped))


def ask_npm(folder: Path, execute: Run) -> Told:
    """What npm says about the tools that rehearsal and the page's tests use."""
    output, errors = execute(["npm", "audit", "--json", "--package-lock-only"], folder)
    try:
        found: Mapping[str, Any] = json.loads(output)
        rows = found["vulnerabilities"]
    except (ValueError, LookupError):
        return Told((), (f"all: {_last_line(errors)}",))
    advisories = {
        Advisory(name, row.get("range", ""), str(via.get("url", "")).rpartition("/")[2])
        for name, row in rows.items()
        for via in row.get("via", ())
        if isinstance(via, dict)
    }
    return Told(tuple(sorted(advisories)), ())


def report(
    name: str, told: Told, accepted: Iterable[Accepted], write: Callable[[str], object]
) -> int:
    """Print what was found out; 0, 1 or 2."""
    known = {(one.id, one.package): one for one in accepted if one.until >= _today()}
    code = 2 if told.unasked else 0
    for advisory in told.advisories:
        names = (advisory.id, *advisory.aliases)
        why = next(
            (known[i, advisory.package] for i in names if (i, advisory.package) in known), None
        )
        if why is None:
            code = 1
            write(f"{name}: {advisory.package} {advisory.version}: {advisory.id}\n")
        else:
            write(
                f"{name}: {advisory.package}: {advisory.id} accepted until {why.until}: {why.why}\n"
            )
    if told.unasked:
        write(f"{name}: NOT ASKED about {len(told.unasked)}, such as {told.unasked[0]}\n")
    elif not told.advisories:
        write(f"{name}: nothing is known against it\n")
    return code


def run(command: Sequence[str], folder: Path) -> tuple[str, str]:
    """Run a command of ours."""
    done = subprocess.run(  # noqa: S603 - no caller chooses it
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return done.stdout, done.stderr


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    wanted = [line for line in lines if "error" in line.lower() and "log of this run" not in line]
    return (wanted or lines or ["no answer"])[-1][:200]


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    sys.exit(main())
