"""The drill's results: a line a phase while it runs, JSON to keep, a table to read."""

import json
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from drill.record import Record

HEADS: Final = (
    "phase", "requests", "answers by status", "available", "stale", "moved", "longest",
    "drill late", "messages", "rows", "health after", "well after", "violations",
)  # fmt: skip
_ABOUT: Final = """# The fault drill

`make drill` runs the real server (two processes, real Redis, a ledger in real PostgreSQL; a third
process with a ledger in SQLite) against the sandbox, under 50 requests a second (`--rate`), 20
sockets and 10 event streams, while everything around it is broken and mended, phase by phase
(`drill/plan.py`). Every answer and every live message is judged:

- **No invented number**: the sandbox's market is a function of seed and time, so each price, bar,
  book, trade and total is computed again for the time that the answer states.
- **Nothing hidden**: never 200 for a failure; what is no longer fresh is labelled, and no older
  than its label says; errors come in the envelope; every answer has its request id.
- **Live**: numbers ascend, no trade is missing without a `gap` or `status` message, no silence of
  10 s without one.
- **The ledger**: whatever was answered under an id is found in the ledger afterwards.
- **/health** says what is wrong before the fault is over, and that all is well afterwards.
- **Recovery**: within 10 s after the fault every server answers with what is fresh, and every
  listener hears something. Where an upstream refused the country or asked for time, the drill
  first lifts its pause, as an operator would (`POST /api/admin/sources`).

"""
_COLUMNS: Final = """
- *available*: answered below status 500 within 4 s, by either server. A 503 where no upstream
  answers names every source's reason: there was nothing to serve yet.
- *stale*: answered with `X-Cache: stale`.
- *moved*: the first server did not answer, the other did.
- *longest*: the longest wait for an answer.
- *drill late*: how late the drill itself came to its turn at worst: how busy the machine was.
- *health after*: from the beginning of the fault until /health told. Upstreams fail one after
  another for the first 4.5 s.
- *well after*: from the end of the fault.
"""


def line(record: Record) -> str:
    """A phase in a line, and what was wrong."""
    cells = _cells(record)
    told = f"{cells[0]:28}{cells[1]:>6} requests  {cells[3]:>8} available  {cells[4]:>7} stale"
    told += f"  well after {cells[11]:>6}  late {cells[7]}  {cells[2]}"
    return "\n".join([told, *(f"    VIOLATION {one}" for one in record.examples)])


def total(records: Sequence[Record]) -> Record:
    """All phases as one."""
    made = Record("all")
    for record in records:
        made.answers.update(record.answers)
        made.violations.update(record.violations)
        for name in ("stale", "moved", "messages", "gaps", "statuses", "rows"):
            setattr(made, name, getattr(made, name) + getattr(record, name))
        made.longest_ms = max(made.longest_ms, record.longest_ms)
        made.late_ms = max(made.late_ms, record.late_ms)
    found = [record.recovery_s for record in records if record.recovery_s is not None]
    made.recovery_s = max(found, default=None)
    return made


def save(records: Sequence[Record], folder: Path, per_s: float, *, quick: bool) -> Path:
    """Write everything as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": quick,
        "requests_per_s": per_s,
        "load_average": os.getloadavg(),
        "python": platform.python_version(),
        "phases": [_row(record) for record in records],
        "all": _row(total(records)),
    }
    file = folder / ("quick.json" if quick else "whole.json")
    file.write_text(json.dumps(made, indent=1) + "\n")
    return file


def page(records: Sequence[Record], per_s: float) -> str:
    """`docs/drill.md`."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    rows = [_cells(record) for record in (*records, total(records))]
    table = ["| " + " | ".join(HEADS) + " |", "|---" + "|--:" * (len(HEADS) - 1) + "|"]
    table += ["| " + " | ".join(cells) + " |" for cells in rows]
    return (
        f"{_ABOUT}Last run, {day}, {per_s:g} requests a second:\n\n"
        + "\n".join(table)
        + f"\n{_COLUMNS}{_wrongs(records)}"
    )


def _wrongs(records: Sequence[Record]) -> str:
    wrong = [
        f"- {record.phase}: {count} x {rule}"
        for record in records
        for rule, count in record.violations.items()
    ]
    return "\n".join(["", "Violated:", "", *wrong, ""]) if wrong else "\nNothing was violated.\n"


def _row(record: Record) -> dict[str, Any]:
    found = {"available_percent": record.available, "stale_percent": record.stale_share}
    return vars(record) | {name: round(value, 3) for name, value in found.items()}


def _cells(record: Record) -> tuple[str, ...]:
    answers = sorted(record.answers.items())
    return (
        record.phase,
        str(record.requests),
        ", ".join(f"{status or 'none'}: {count}" for status, count in answers),
        f"{record.available:.2f} %",
        f"{record.stale_share:.1f} %",
        str(record.moved),
        f"{record.longest_ms} ms",
        f"{record.late_ms} ms",
        str(record.messages),
        str(record.rows),
        "" if record.health_s is None else f"{record.health_s:.1f} s",
        "never" if record.recovery_s is None else f"{record.recovery_s:.1f} s",
        str(sum(record.violations.values())),
    )
