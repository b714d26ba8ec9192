"""What a miss costs besides the upstream's own answer. Row 7 of the goals.

    python -m bench.miss [--rounds 200]

A miss is a whole request, from the front door through sources and parsers to bytes. The upstream
is in memory and answers at once, so what remains is CPU: ours, less what httpx alone takes to
fetch the same bytes, both timed by turns. Best of the rounds, in milliseconds.

Takes seconds. Ends with 0 whatever goal is missed.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable

import httpx

from adapters.front_door import FrontDoor
from bench.goals import Finding, show
from bench.inside import SteppedClock, ask, build_house
from lib.command import command

KLINES = "/api/ohlcv?symbol=BTC&timeframe=1h&limit=1000"
MARKET = "/api/market?limit=100"
MOST_MS = {KLINES: 1.3, MARKET: 1.0}


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument(
        "--rounds", metavar="N", type=int, default=200, help="of which the best counts (200)"
    )
    show(measure(parser.parse_args().rounds))


def measure(rounds: int) -> list[Finding]:
    """Both endpoints' misses."""
    return asyncio.run(_measure(rounds))


async def _measure(rounds: int) -> list[Finding]:
    clock = SteppedClock()
    app, runtime, memory = build_house(clock)
    gc.collect()
    gc.freeze()  # as the server does when it has started
    found = []
    for target in (KLINES, MARKET):
        status, _ = await ask(app, target)
        if status != 200:
            raise RuntimeError(f"{target} answers {status}")
        ours, fetching = [], []
        for _ in range(rounds):
            await _forget(app, clock)
            memory.asked.clear()
            ours.append(await _cpu_ms(ask(app, target)))
            asked = list(memory.asked)
            fetching.append(await _cpu_ms(_fetch(runtime.client, asked)))
        added = min(ours) - min(fetching)
        calls = len(asked)
        what = f"a miss of {target.split('?')[0]}, beyond fetching ({calls} calls)"
        measured = f"{min(ours):.2f} - {min(fetching):.2f} ms"
        found.append(Finding(7, what, measured, added, MOST_MS[target], at_most=True, unit="ms"))
    await runtime.aclose()
    return found


async def _forget(app: FrontDoor, clock: SteppedClock) -> None:
    """Let everything grow too old; then the board of tickers, which all who ask share, is asked
    for again."""
    clock.advance(10 * 86400)
    await ask(app, "/api/price/ETH")


async def _fetch(client: httpx.AsyncClient, requests: list[httpx.Request]) -> None:
    for request in requests:
        url = str(request.url)  # as a provider says it
        async with client.stream(request.method, url, headers=request.headers) as response:
            async for _ in response.aiter_raw():
                pass


async def _cpu_ms(work: Awaitable[object]) -> float:
    began = time.process_time()
    await work
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
