"""Cached hits beside a bare Starlette route and a raw ASGI app: rows 1, 2 and 4 of the goals.

    python -m bench.door [--seconds 2] [--rounds 3]

Every variant is measured in every round, one after the other; the best round of each counts, in
requests per CPU second of the server process. Needs wrk.

Takes some 2 minutes. Ends with 0 whatever goal is missed.
"""

import json
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.goals import Finding, show
from bench.servers import Server, per_cpu_second, running, running_ours, uvicorn
from lib.command import command

PATHS = {
    "price": "/api/price/BTC",
    "market": "/api/market?limit=100",
    "ohlcv": "/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000",
}
NOT_COUNTED = {"date", "content-length", "transfer-encoding", "connection"}


def main() -> int:
    """Measure and print a table."""
    parser = command(__doc__)
    parser.add_argument(
        "--seconds", metavar="N", type=int, default=2, help="of load a measurement (2)"
    )
    parser.add_argument(
        "--rounds", metavar="N", type=int, default=3, help="of which the best counts (3)"
    )
    given = parser.parse_args()
    show(measure(given.seconds, given.rounds))
    return 0


def measure(seconds: int, rounds: int, paths: Iterable[str] = PATHS) -> list[Finding]:
    """Every path beside both yardsticks."""
    findings = []
    for name in paths:
        # limited, so that the limiter counts; started anew, since a million a minute is its most
        with running_ours(environ={"RATE_LIMIT_IP": "1000000"}) as (ours, _):
            findings += _measure(name, PATHS[name], ours, seconds, rounds)
    return findings


def _measure(name: str, path: str, ours: Server, seconds: int, rounds: int) -> list[Finding]:
    reply = httpx.get(ours.root + path, headers={"Accept-Encoding": "identity"}, timeout=10)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        body = Path(folder) / "body"
        body.write_bytes(reply.content)
        lines = [pair for pair in reply.headers.multi_items() if pair[0] not in NOT_COUNTED]
        lines.append(("content-length", str(len(reply.content))))
        environ = {"BENCH_BODY": str(body), "BENCH_HEADERS": json.dumps(lines)}
        bare = stack.enter_context(running("bare", uvicorn("bench.yardsticks:starlette"), environ))
        raw = stack.enter_context(running("raw", uvicorn("bench.yardsticks:raw"), environ))
        plain = {"Accept-Encoding": "identity"}
        variants = {
            "ours": (ours, path, plain),
            "gzip": (ours, path, {"Accept-Encoding": "gzip"}),
            "304": (ours, path, {"If-None-Match": "*"}),
            "bare": (bare, "/x", plain),
            "raw": (raw, "/x", plain),
        }
        best = dict.fromkeys(variants, 0.0)
        for _ in range(rounds):
            for variant, (server, target, headers) in variants.items():
                best[variant] = max(best[variant], per_cpu_second(server, target, headers, seconds))

    def finding(row: int, what: str, one: str, other: str, goal: float) -> Finding:
        measured = f"{best[one]:,.0f} / {best[other]:,.0f} req/cpu-s"
        return Finding(row, f"{name}: {what}", measured, best[one] / best[other], goal)

    return [
        finding(1, "hit over bare Starlette", "ours", "bare", 1.0),
        finding(2, "hit over raw ASGI", "ours", "raw", 0.9),
        finding(4, "compressed over plain hit", "gzip", "ours", 0.85),
        finding(4, "304 over 200", "304", "ours", 1.0),
    ]


if __name__ == "__main__":
    sys.exit(main())
