"""Many who want the same at once. Row 6 of the goals, and a cold start under a crowd.

    python -m bench.stampede                    10,000 misses on one key, in this process
    python -m bench.stampede --clients 5000     as many clients on a server that has just started

The crowd asks an empty server at one moment for 20 symbols on several paths, each from an address
of its own; its sources take 300 ms. Everybody must be answered or politely refused, and no source
asked the same twice. Needs redis-server.

Takes seconds, with a crowd some more. Ends with 0 whatever goal is missed, with 1 if answers
differ.
"""

import asyncio
import time
from collections import Counter
from statistics import median
from typing import Any

import httpx

from adapters import rendering
from bench.clients import all_at_once, raise_limit
from bench.goals import Finding, show
from bench.inside import SteppedClock, ask, build_house
from bench.servers import running_ours, running_redis
from bench.upstreams import asked, upstream
from lib.command import command

ASKERS = 10_000
TARGET = "/api/market?limit=100"
PRICE = "/api/price/BTC"
CANDLES = "/api/ohlcv?symbol=BTC&timeframe=1h&limit=100"
ROUNDS = 20
SYMBOLS = (
    "BTC ETH SOL XRP BNB DOGE ADA TRX AVAX LINK DOT LTC BCH UNI ATOM XLM NEAR APT FIL ARB".split()
)
PATHS = (
    "/api/price/{}",
    "/api/ticker/{}",
    "/api/ohlcv?symbol={}&timeframe=1h&limit=200",
    "/api/orderbook/{}",
    "/api/market?limit=100",
    "/api/stats",
)
UPSTREAM_S = 0.3
PATIENCE_S = 30.0


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument(
        "--clients", metavar="N", type=int, default=0, help="ask a real, empty server"
    )
    clients = parser.parse_args().clients
    show(crowd(clients) if clients else measure())


def measure() -> list[Finding]:
    """Ten thousand misses on one key, counted; two processes; and values that are too old."""
    return [*asyncio.run(_measure()), *asyncio.run(_expired()), asyncio.run(_two())]


async def _measure() -> list[Finding]:
    made: Counter[str] = Counter()

    def counted(name: str, work: Any) -> Any:
        def count(*given: Any, **named: Any) -> Any:
            made[name] += 1
            return work(*given, **named)

        return count

    rendering.ENCODERS["gzip"] = counted("compressions", rendering.ENCODERS["gzip"])
    # each rendering has one tag
    rendering._etag = counted("renderings", rendering._etag)  # noqa: SLF001
    clock = SteppedClock()
    app, runtime, memory = build_house(clock)
    await ask(app, TARGET, b"gzip")
    alone = len(memory.asked)
    clock.advance(10 * 86400)
    memory.asked.clear()
    made.clear()
    answers = await asyncio.gather(*(ask(app, TARGET, b"gzip") for _ in range(ASKERS)))
    await runtime.aclose()
    if set(answers) != {answers[0]} or answers[0][0] != 200:
        raise RuntimeError(f"answers differ: {set(answers)}")
    what = f"{ASKERS:,} misses on one key: "
    calls = len(memory.asked)
    return [
        Finding(6, what + "upstream calls", f"{calls}, as for one asker", calls / alone, 1, True),
        Finding(6, what + "renderings", "counted", made["renderings"], 1, True, ""),
        Finding(6, what + "compressions", "counted", made["compressions"], 1, True, ""),
    ]


async def _expired() -> list[Finding]:
    clock = SteppedClock()
    app, runtime, memory = build_house(clock)
    await ask(app, PRICE)
    times = []
    for _ in range(ROUNDS):
        clock.advance(6)
        began = time.perf_counter()
        await ask(app, PRICE)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.02)  # the refresh behind it
    memory.down = True
    clock.advance(200)
    status, _ = await ask(app, PRICE)
    await runtime.aclose()
    return [
        Finding(6, "an expired key answers in", f"best of {ROUNDS}", min(times), 1, True, "ms"),
        Finding(6, "an expired key, all sources down: status", "kept", status, 200, True, ""),
    ]


async def _two() -> Finding:
    clock = SteppedClock()
    with running_redis() as url:
        houses = [build_house(clock, REDIS_URL=url) for _ in range(2)]
        statuses = await asyncio.gather(*(ask(app, CANDLES) for app, _, _ in houses))
        calls = sum(len(memory.asked) for _, _, memory in houses)
        for _, runtime, _ in houses:
            await runtime.aclose()
    told = f"answers {', '.join(str(status) for status, _ in statuses)}"
    return Finding(6, "two processes, one store, at once: calls", told, calls, 1, True, "")


def crowd(clients: int) -> list[Finding]:
    """A crowd before a server that has nothing yet."""
    raise_limit()
    targets = [
        PATHS[number % len(PATHS)].format(SYMBOLS[number // len(PATHS) % len(SYMBOLS)])
        for number in range(clients)
    ]
    with upstream(wait_s=UPSTREAM_S, remembers=True) as root:
        with running_ours(upstream=root) as (before, _):
            for target in sorted(set(targets)):  # so that a source takes its 300 ms and no more
                httpx.get(before.root + target, timeout=PATIENCE_S)
        environ = {"RATE_LIMIT_IP": "100", "TRUSTED_PROXIES": "1"}
        with running_ours(environ=environ, upstream=root) as (ours, _):
            calls, used = asked(root), ours.cpu_s()
            told = asyncio.run(all_at_once(ours.root, targets, PATIENCE_S))
            calls, used = asked(root) - calls, ours.cpu_s() - used
    statuses = Counter(one.status for one in told)
    times = sorted(one.ms for one in told)
    late = times[int(len(times) * 0.99)]
    print(f"statuses {dict(statuses)}; the server used {used:.2f} s of CPU")
    print(f"p50 {median(times):,.0f} ms, p99 {late:,.0f} ms, last {times[-1]:,.0f} ms")
    print(f"{calls.total()} upstream calls for {len(set(targets))} different questions")
    answered = sum(one.status in (200, 429, 503) and one.envelope for one in told)
    what = f"{clients:,} clients at once on an empty server: "
    return [
        Finding(6, what + "answered", f"{dict(statuses)}", 100 * answered / clients, 100, unit="%"),
        Finding(
            6, what + "a source asked the same", "most often", max(calls.values()), 1, True, ""
        ),
        Finding(6, what + "no answer at all", "timeouts", statuses[0], 0, True, ""),
    ]


if __name__ == "__main__":
    main()
