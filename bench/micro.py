"""What a hit costs inside: memory, limiter, key; and how many reads of a store memory spares.

    python -m bench.micro

Row 5 of the goals. Best of many runs, in microseconds; the reads are counted, not timed. Needs
redis-server.

Takes seconds. Ends with 0 whatever goal is missed.
"""

import asyncio
import time
from collections.abc import Callable
from hashlib import sha256

from redis import Redis

from adapters.pantry import Pantry
from adapters.rendering import Rendered
from adapters.visit import Reception
from bench.goals import Finding, show
from bench.inside import SteppedClock, ask, build_house
from bench.servers import running_redis
from lib.command import command

CALLS, RUNS = 20_000, 15
A_SECOND = 1000
REQUESTS = 10 * A_SECOND
KEY = "dm_" + "k" * 43


def main() -> None:
    """Measure and print."""
    command(__doc__).parse_args()
    show(measure())


def measure() -> list[Finding]:
    """Look-up, limiter and key, and reads spared."""
    return [*measure_fast(), asyncio.run(_spared())]


def measure_fast() -> list[Finding]:
    """Look-up, limiter and key: a second, and no server."""
    return [_look_up(), *_callers()]


def _look_up() -> Finding:
    pantry = Pantry(64 * 1024 * 1024)
    pantry.put(b"q", Rendered(b"{}", b"application/json", b'W/"x"', []))
    pantry.spell(b"/api/price/BTC", b"q")
    for number in range(2000):
        pantry.spell(b"/api/price/%d" % number, b"q")
    # a target is new bytes at every request: its hash has to be made
    targets = [bytes(bytearray(b"/api/price/BTC")) for _ in range(CALLS)]
    found = _us(lambda: [pantry.find(target) for target in targets])
    return Finding(5, "a hit in memory", "an answer's bytes by raw target", found, 1.0, True, "us")


def _callers() -> list[Finding]:
    settings = {
        "RATE_LIMIT_IP": "1000000",
        "RATE_LIMIT_KEY": "1000000",
        "API_KEYS": f"bench:{sha256(KEY.encode()).hexdigest()}",
    }
    _, runtime, _ = build_house(SteppedClock(), **settings)
    reception = Reception(runtime)
    plain = [(b"host", b"bench"), (b"accept", b"*/*"), (b"user-agent", b"bench")]
    keyed = [*plain, (b"authorization", b"Bearer " + KEY.encode())]

    def us(headers: list[tuple[bytes, bytes]]) -> float:
        scope = {"method": "GET", "headers": headers, "client": ("203.0.113.7", 40000)}

        def greet_and_count() -> None:
            for _ in range(CALLS):
                reception.count(reception.greet(scope))

        return _us(greet_and_count)

    anonymous, known = us(plain), us(keyed)
    return [
        Finding(5, "limiter and key check, no key", "whole greeting", anonymous, 3.0, True, "us"),
        Finding(5, "limiter and key check, a known key", "whole greeting", known, 3.0, True, "us"),
    ]


async def _spared() -> Finding:
    clock = SteppedClock()
    with running_redis() as url:
        app, runtime, _ = build_house(clock, REDIS_URL=url)
        counter = Redis.from_url(url)
        before = counter.info("stats")["total_commands_processed"]
        for _ in range(REQUESTS):
            status, _ = await ask(app, "/api/price/BTC")
            if status != 200:
                raise RuntimeError(f"an answer of {status}")
            clock.advance(1 / A_SECOND)
        asked = counter.info("stats")["total_commands_processed"] - before - 1
        counter.close()
        await runtime.aclose()
    spared = 100 * (1 - asked / REQUESTS)
    measured = f"{asked} commands for {REQUESTS:,} requests"
    what = "store reads that memory spares, 1,000 req/s on one key"
    return Finding(5, what, measured, spared, 99.0, unit="%")


def _us(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / CALLS * 1e6


if __name__ == "__main__":
    main()
