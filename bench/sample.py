"""Cached hits beside the request's own sample code. Row 3 of the goals.

    python -m bench.sample [--seconds 2] [--rounds 3]

The sample runs under uvicorn and a Redis on loopback, in build/sample: an environment with the
versions that the request pins (bench/sample.txt, made at the first run). It sends our own bodies.
Redis's own CPU is not counted. In requests per CPU second of the server, best of the rounds. Needs
wrk and redis-server.

Takes a minute; the first time it makes that environment too. Ends with 0 whatever goal is missed.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.door import PATHS
from bench.goals import Finding, show
from bench.servers import ROOT, per_cpu_second, running, running_ours, running_redis
from lib.command import command

GOALS = {"market": 25.0, "ohlcv": 60.0, "price": 5.0}
HOME = ROOT / "build" / "sample"
PLAIN = {"Accept-Encoding": "identity"}


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument(
        "--seconds", metavar="N", type=int, default=2, help="of load a measurement (2)"
    )
    parser.add_argument(
        "--rounds", metavar="N", type=int, default=3, help="of which the best counts (3)"
    )
    given = parser.parse_args()
    show(measure(given.seconds, given.rounds))


def measure(seconds: int, rounds: int) -> list[Finding]:
    """Every path, by turns."""
    python = environment()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, _ = stack.enter_context(running_ours(environ={"RATE_LIMIT_IP": "1000000"}))
        bodies = {}
        for name, path in PATHS.items():
            bodies[name] = str(folder / name)
            Path(bodies[name]).write_bytes(httpx.get(ours.root + path, headers=PLAIN).content)
        environ = {
            "BENCH_BODIES": json.dumps(bodies),
            "BENCH_REDIS": stack.enter_context(running_redis()),
        }
        command = [
            *(str(python), "-m", "uvicorn", "bench.sample_app:app", "--port", "{port}"),
            *("--no-access-log", "--log-level", "error"),
        ]
        sample = stack.enter_context(running("sample", command, environ))
        best = {(who, name): 0.0 for who in ("ours", "sample") for name in PATHS}
        for _ in range(rounds):
            for name, path in PATHS.items():
                for who, server in (("ours", ours), ("sample", sample)):
                    figure = per_cpu_second(server, path, PLAIN, seconds)
                    best[who, name] = max(best[who, name], figure)
    return [
        Finding(
            3,
            f"{name}: hit over the request's sample",
            f"{best['ours', name]:,.0f} / {best['sample', name]:,.0f} req/cpu-s",
            best["ours", name] / best["sample", name],
            goal,
        )
        for name, goal in GOALS.items()
    ]


def environment() -> Path:
    """The interpreter with the sample's own packages."""
    python = HOME / "bin" / "python"
    wanted = (ROOT / "bench" / "sample.txt").read_text()
    made = HOME / "made-of.txt"
    if not made.exists() or made.read_text() != wanted:
        print(f"making {HOME.relative_to(ROOT)} (once) …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        install = ["install", "--quiet", "--require-hashes", "-r", "bench/sample.txt"]
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, *install], check=True, cwd=ROOT, env=dict(os.environ))
        made.write_text(wanted)
    return python


if __name__ == "__main__":
    main()
