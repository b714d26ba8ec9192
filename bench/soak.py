"""Half of what saturates the server, for minutes: memory, errors, latency.

    python -m bench.soak [--minutes 10]

All public GET endpoints, for 20 symbols, by turns from 64 connections, so that caches churn all
the while; sources answer at once. First full speed for some seconds tells what saturates; then
pauses between a connection's requests halve that. Each half minute tells rate, latency, errors,
and memory. Needs wrk.

Takes the minutes that it is given, and some time to find what may be asked. Ends with 0 whatever
goal is missed.
"""

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from statistics import median
from typing import NamedTuple

import httpx

from bench.goals import Finding, show
from bench.servers import CLIENT_CORE, Server, figure, need_wrk, running_ours
from bench.stampede import SYMBOLS
from bench.upstreams import upstream
from functions import load_endpoints
from lib.command import command
from rehearsal.questions import question_for

CONNECTIONS = 64
SATURATE_S, SLICE_S = 8, 30
SCRIPT = """
local targets = {%s}
local at = math.random(#targets)
function request()
  at = at %% #targets + 1
  return wrk.format("GET", targets[at])
end
function delay() return %d end
function response(status)
  if status ~= 200 then print("status " .. status) end
end
"""


class Sample(NamedTuple):
    """Half a minute."""

    rate: float
    p50_ms: float
    p99_ms: float
    errors: int
    statuses: dict[str, int]
    rss_mb: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument("--minutes", metavar="N", type=float, default=10, help="at half load (10)")
    show(measure(parser.parse_args().minutes))


def measure(minutes: float) -> list[Finding]:
    """A row for each promise."""
    with upstream(remembers=True) as root, running_ours(upstream=root) as (ours, _):
        targets = usable(ours.root)
        full = load(ours, targets, SATURATE_S, 0)
        print(f"{len(targets)} targets; saturated at {full.rate:,.0f} req/s", flush=True)
        pause_ms = max(1, round(2000 * CONNECTIONS / full.rate - full.p50_ms))
        print(f"{'min':>5}{'req/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'errors':>8}{'MB':>8}{'cpu':>6}")
        samples: list[Sample] = []
        began = time.monotonic()
        while time.monotonic() - began < minutes * 60:
            one = load(ours, targets, SLICE_S, pause_ms)
            samples.append(one)
            if one.statuses:
                print(f"      {refused(ours.root, targets)}")
            passed = (time.monotonic() - began) / 60
            print(
                f"{passed:>5.1f}{one.rate:>9,.0f}{one.p50_ms:>8.2f}{one.p99_ms:>8.2f}"
                f"{one.errors:>8}{one.rss_mb:>8.1f}{one.cpu:>6.0%}  {one.statuses or ''}",
                flush=True,
            )
    settled = samples[60 // SLICE_S :] or samples
    first, last = settled[:3], settled[-3:]
    memory = [one.rss_mb for one in settled]
    drift = median(one.p50_ms for one in last) / median(one.p50_ms for one in first)
    grown = 100 * (max(memory) / memory[0] - 1)
    rate = f"{median(one.rate for one in settled):,.0f} of {full.rate:,.0f} req/s"
    sizes = f"{memory[0]:.0f} to {max(memory):.0f} MB"
    times = " -> ".join(f"{median(one.p50_ms for one in part):.2f} ms" for part in (first, last))
    return [
        Finding(0, f"{minutes:.0f} min at half load: memory grows", sizes, grown, 5, True, "%"),
        Finding(0, "errors", rate, sum(one.errors for one in samples), 0, True, ""),
        Finding(0, "latency at the end over the beginning, p50", times, drift, 1.25, True),
    ]


def usable(root: str) -> list[str]:
    """Every public GET, for each symbol where it has one; without what nobody here can know."""
    found: dict[str, None] = {}
    with httpx.Client(base_url=root, timeout=30) as http:
        for endpoint in load_endpoints():
            if endpoint.method != "GET" or endpoint.auth != "public":
                continue
            target = question_for(endpoint).target
            if http.get(target).status_code == 200:
                variants = [target.replace("BTC", symbol) for symbol in SYMBOLS]
                good = [one for one in dict.fromkeys(variants) if http.get(one).status_code == 200]
                found |= dict.fromkeys(good)
    return list(found)


def refused(root: str, targets: list[str]) -> Counter[str]:
    """Who does not answer just now, and why not."""
    found: Counter[str] = Counter()
    with httpx.Client(base_url=root, timeout=30) as http:
        for target in targets:
            answer = http.get(target)
            if answer.status_code != 200:
                error = answer.json()["error"]
                found[f"{target.split('?')[0]} {error['code']} {error['details']}"] += 1
    return found


def load(server: Server, targets: list[str], seconds: int, pause_ms: int) -> Sample:
    """Ask from 64 connections."""
    listed = ",".join(json.dumps(target) for target in targets)
    pin = ["taskset", "-c", CLIENT_CORE] if shutil.which("taskset") else []
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % (listed, pause_ms))
        script.flush()
        used = server.cpu_s()
        command = [need_wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        told = subprocess.run(
            [*pin, *command, "-s", script.name, server.root],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 60,
        ).stdout
    used = server.cpu_s() - used
    sockets = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told
    )
    failed = sum(map(int, sockets.groups())) if sockets else 0
    statuses = Counter(re.findall(r"^status (\d+)$", told, re.MULTILINE))
    return Sample(
        rate=float(figure(r"Requests/sec:\s+([\d.]+)", told)),
        p50_ms=_ms(told, "50%"),
        p99_ms=_ms(told, "99%"),
        errors=sum(statuses.values()) + failed,
        statuses=dict(statuses),
        rss_mb=server.memory_kb() / 1024,
        cpu=used / seconds,
    )


def _ms(told: str, quantile: str) -> float:
    word = figure(rf"{quantile}\s+([\d.]+(?:us|ms|s))", told)
    number = word.rstrip("ums")
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[word.removeprefix(number)]


if __name__ == "__main__":
    main()
