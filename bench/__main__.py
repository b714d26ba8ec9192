"""Every row of the goals in one run, in one table.

    python -m bench [--quick] [ROW …]

Rows: 1, 2 and 4 hits beside Starlette and raw ASGI; 3 beside the request's sample; 5 what a hit
costs inside; 6 stampedes; 7 misses; 8 slices of the event loop; 9 cold starts (needs `make
layers`); 10 sockets; 11 economy with sources. The figures of all rows go to bench/results/, with
date, machine and versions; `python -m bench.plot` draws them. Needs wrk and redis-server.

Takes some 8 minutes, with --quick some 3; what is measured wants a machine to itself. Ends with 0
whatever goal is missed, with 1 if something could not be measured.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from bench import door, economy, micro, miss, sample, slices, stampede
from bench.goals import Finding, show
from bench.servers import ROOT, figure
from lib.command import command

RESULTS = ROOT / "bench" / "results"
PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "httpx", "msgspec", "pydantic")
QUIET_LOAD = 0.5
A_FEW = ("price", "market", "ohlcv", "stats", "orderbook", "health")  # functions, in a quick run


def main() -> int:
    """Measure, print, keep; a goal missed is said, not hidden."""
    parser = command(__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", type=int, help="by default all")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    given = parser.parse_args()
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    if load > QUIET_LOAD:
        print(f"The machine is busy (load {load:.1f} a core): absolute figures mean little.")
    findings: list[Finding] = []
    for rows, measure in _plan(quick=given.quick):
        if given.rows and not set(rows) & set(given.rows):
            continue
        print(f"rows {', '.join(map(str, rows))} …", flush=True)
        findings += measure()
    findings.sort(key=lambda one: one.row)
    show(findings)
    if not given.rows:
        kept = _keep(findings, load, quick=given.quick)
        print(f"\nkept in {kept.relative_to(ROOT)}")
    return 0


def _plan(*, quick: bool) -> list[tuple[tuple[int, ...], Callable[[], list[Finding]]]]:
    seconds, rounds = (1, 3) if quick else (2, 3)
    return [
        ((1, 2, 4), lambda: door.measure(seconds, rounds)),
        ((3,), lambda: sample.measure(4, 1 if quick else 2)),
        ((5,), micro.measure),
        ((6,), stampede.measure),
        ((7,), lambda: miss.measure(60 if quick else 300)),
        ((8,), slices.measure),
        ((9,), lambda: [*_cold(quick=quick), *_models()]),
        ((10,), lambda: _sockets(quick=quick)),
        ((11,), lambda: economy.measure(20, 3300) if quick else economy.measure()),
    ]


def _cold(*, quick: bool) -> list[Finding]:
    """The slowest start and the dearest warm call of the functions that need nothing heavy."""
    told = _run("bench.cold", *(("--rounds", "3", *A_FEW) if quick else ("--rounds", "3")))
    light = []
    for line in told.splitlines():
        parts = re.split(r"\s+", line.split("  missed")[0])
        if len(parts) == 12 and parts[1].isdigit() and parts[2].replace(".", "").isdigit():
            light.append((parts[0], float(parts[2]), float(parts[7])))
    slow = {name for name, ratio, _ in light if ratio > 3}  # those with models
    light = [one for one in light if one[0] not in slow]
    start, warm = max(light, key=lambda one: one[1]), max(light, key=lambda one: one[2])
    what = f"cold import over bare Mangum, {len(light)} light functions"
    return [
        Finding(9, what, f"worst: {start[0]}", start[1], 1.5, True),
        Finding(
            9, "warm call over bare Mangum, same body", f"worst: {warm[0]}", warm[2], 60, True, "us"
        ),
    ]


def _models() -> list[Finding]:
    """What the shipped models cost, beside the goals."""
    told = json.loads(_run("bench.ai"))
    many, start = told["forecast_24_bars_ms"], told["cold_import_ms"]
    return [
        Finding(9, "import of the models' code", "CPU, fresh interpreter", start, 400, True, "ms"),
        Finding(
            9, f"forecasts of {told['symbols']} symbols", "CPU, one batch", many, 50, True, "ms"
        ),
    ]


def _sockets(*, quick: bool) -> list[Finding]:
    rounds = ("--seconds", "6", "--rounds", "1") if quick else ("--seconds", "15", "--rounds", "2")
    told = _run("bench.ws", *rounds)
    ratio = float(figure(r"best of each: ([\d.]+)", told))
    return [
        Finding(10, "fan-out over broadcast(), CPU a message", "1,000 sockets", ratio, 1.0, True)
    ]


def _run(module: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{module}: {done.stderr[-2000:]}{done.stdout[-500:]}")
    return done.stdout


def _keep(findings: list[Finding], load: float, *, quick: bool) -> Path:
    RESULTS.mkdir(exist_ok=True)
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = {
        "date": date,
        "quick": quick,
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "load_a_core": round(load, 2)},
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "findings": [asdict(one) | {"holds": one.holds} for one in findings],
    }
    kept = RESULTS / f"{date[:10]}.json"
    kept.write_text(json.dumps(told, indent=1) + "\n")
    return kept


def _cpu() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        return next(
            (line.split(": ")[1].strip() for line in lines if "model name" in line), "unknown"
        )


if __name__ == "__main__":
    sys.exit(main())
