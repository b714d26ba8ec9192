"""Cached hits beside a bare Starlette route and a raw ASGI app: rows 1, 2 and 4 of the goals.

    python -m bench.door [--seconds 2] [--rounds 3]

Every variant is measured in every round, one after the other; the best round of each counts, in
requests per CPU second of the server process.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.servers import Server, per_cpu_second, running, uvicorn
from lib.runtime import load_providers
from lib.sandbox import SandboxServer

PATHS = {
    "price": "/api/price/BTC",
    "market": "/api/market?limit=100",
    "ohlcv": "/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000",
}
NOT_COUNTED = {"date", "content-length", "transfer-encoding", "connection"}


def main() -> int:
    """Measure and print a table; a goal missed is said, not hidden."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=2)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    rows = []
    with SandboxServer(seed=1) as sandbox, ExitStack() as stack:
        root = f"http://127.0.0.1:{sandbox.port}"
        bases = {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in load_providers()}
        ours = stack.enter_context(
            running(
                "ours",
                [
                    *(sys.executable, "local_server.py", "--host", "127.0.0.1"),
                    *("--port", "{port}", "--upstream", "live"),
                ],
                {**bases, "RATE_LIMIT_IP": "1000000", "LOG_LEVEL": "error"},
            )
        )
        for name, path in PATHS.items():
            print(f"{name} …", flush=True)
            rows += _measure(name, path, ours, given.seconds, given.rounds)
    print(f"\n{'what':<38}{'ratio':>7}{'goal':>7}")
    for what, ratio, goal in rows:
        print(f"{what:<38}{ratio:>7.2f}{goal:>7.2f}{'' if ratio >= goal else '  missed'}")
    return 0


def _measure(
    name: str, path: str, ours: Server, seconds: int, rounds: int
) -> list[tuple[str, float, float]]:
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
    print(
        "   " + "  ".join(f"{variant} {value:,.0f}" for variant, value in best.items()), flush=True
    )
    return [
        (f"{name}: hit over bare Starlette", best["ours"] / best["bare"], 1.0),
        (f"{name}: hit over raw ASGI", best["ours"] / best["raw"], 0.9),
        (f"{name}: compressed over plain hit", best["gzip"] / best["ours"], 0.85),
        (f"{name}: 304 over 200", best["304"] / best["ours"], 1.0),
    ]


if __name__ == "__main__":
    sys.exit(main())
