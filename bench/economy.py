"""What clients cost the sources: row 11 of the goals.

    python -m bench.economy [--seconds 60] [--requests 10000]

Clients ask the running service for 20 symbols, mixed over price, ticker, market, candles, stats
and pair lists, evenly over the time; the sandbox counts what its sources were asked. No clock is
touched: a minute is a minute.

Takes the seconds that it is given, and a few to start. Ends with 0 whatever goal is missed, with 1
if an answer was no success.
"""

import asyncio
import time
from collections import Counter

import httpx

from bench.goals import Finding, show
from bench.quotas import Habit, busiest
from bench.servers import running_ours
from bench.stampede import SYMBOLS
from lib.command import command
from lib.feeds import CANDLES, COINS, EXCHANGES, GLOBALS, LISTINGS, TICKERS

PATHS = (
    "/api/price/{}",
    "/api/ticker/{}",
    "/api/market?limit=100",
    "/api/ohlcv?symbol={}&timeframe=1h&limit=100",
    "/api/stats",
    "/api/exchange-info",
)
MOST_CALLS = 100
HABITS = (
    Habit(TICKERS, 1 / 3),
    Habit(CANDLES, 1 / 6),
    Habit(LISTINGS, 1 / 6, by_pair=False),
    Habit(GLOBALS, 1 / 3, by_pair=False),
    Habit(EXCHANGES, 1 / 6, by_pair=False),
    Habit(COINS, 1 / 6, by_pair=False),
)
"""What those paths ask for, in shares of the requests."""

CLIENTS = 8


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument(
        "--seconds", metavar="N", type=float, default=60, help="to spread them over (60)"
    )
    parser.add_argument("--requests", metavar="N", type=int, default=10_000, help="in all (10000)")
    given = parser.parse_args()
    show(measure(given.seconds, given.requests))


def measure(seconds: float = 60, requests: int = 10_000) -> list[Finding]:
    """Calls of all sources while clients ask."""
    with running_ours() as (ours, sandbox):
        calls: Counter[str] = sandbox.app.state.calls
        before = Counter(calls)
        statuses = asyncio.run(_ask(ours.root, seconds, requests))
        made = calls - before
    if set(statuses) != {200}:
        raise RuntimeError(f"not every answer was a success: {dict(statuses)}")
    by_source = {name: count for name, count in made.items() if not name.startswith("/")}
    for name, count in sorted(by_source.items()):
        print(f"  {name:<16}{count:>5} calls")
    total = sum(by_source.values())
    what = f"sources' calls for {requests:,} requests in {seconds:.0f} s"
    tight = busiest(requests / seconds, HABITS, len(SYMBOLS))
    month = f"{tight.source}, {tight.limit.units:,} in {tight.limit.per_s:,.0f} s"
    return [
        Finding(11, what, f"{len(by_source)} sources", total, MOST_CALLS, at_most=True, unit=""),
        Finding(
            11, "the free quota used most, after a month", month, 100 * tight.share, 100, True, "%"
        ),
    ]


async def _ask(root: str, seconds: float, requests: int) -> Counter[int]:
    targets = [
        PATHS[n % len(PATHS)].format(SYMBOLS[n // len(PATHS) % len(SYMBOLS)])
        for n in range(requests)
    ]
    statuses: Counter[int] = Counter()
    began = time.monotonic()

    async def client(number: int) -> None:
        async with httpx.AsyncClient(base_url=root, timeout=10) as http:
            for at in range(number, requests, CLIENTS):
                due = began + at / requests * seconds
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                statuses[(await http.get(targets[at])).status_code] += 1

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return statuses


if __name__ == "__main__":
    main()
