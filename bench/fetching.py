"""The HTTP client of the miss path: httpx beside httpx2, as our providers use one.

    python -m bench.fetching [--requests 2000]

One client a process, kept-alive connections, streamed bodies, the same limits; a source on
loopback in a process of its own. CPU of this process a request, alone and with 32 at once; and what
importing and building each costs a fresh interpreter. Medians of the rounds, by turns.

Takes some 80 seconds. Ends with 0.
"""

import asyncio
import subprocess
import sys
import time
from statistics import median
from typing import Any

import httpx
import httpx2

from bench.upstreams import upstream
from lib.command import command

PATHS = {
    "price (1 KB)": "/binance/api/v3/ticker/24hr?symbol=BTCUSDT",
    "market page (95 KB)": "/coingecko/api/v3/coins/markets?vs_currency=usd&per_page=250&page=1",
    "pair list (6 MB)": "/binance/api/v3/exchangeInfo",
}
LIBRARIES: dict[str, Any] = {"httpx": httpx, "httpx2": httpx2}
ROUNDS = 5
START = "import time; import {0}; {0}.AsyncClient(); print(time.process_time())"
BARE = "import time; import asyncio, ssl; print(time.process_time())"


def main() -> None:
    """Measure and print."""
    parser = command(__doc__)
    parser.add_argument("--requests", metavar="N", type=int, default=2000, help="a round (2000)")
    requests = parser.parse_args().requests
    print(
        f"{'us of CPU a request':<24}{'at once':>8}" + "".join(f"{name:>9}" for name in LIBRARIES)
    )
    with upstream(large_bytes=6_000_000, remembers=True) as root:
        for what, path in PATHS.items():
            for at_once in (1, 32):
                count = max(at_once, requests // (200 if "MB" in what else 1))
                found: dict[str, list[float]] = {name: [] for name in LIBRARIES}
                for _ in range(ROUNDS):
                    for name, library in LIBRARIES.items():
                        found[name].append(asyncio.run(fetch(library, root + path, count, at_once)))
                told = "".join(f"{median(times):>9,.0f}" for times in found.values())
                print(f"{what:<24}{at_once:>8}{told}", flush=True)
    bare = start(BARE)
    told = "".join(f"{(start(START.format(name)) - bare) * 1000:>9.0f}" for name in LIBRARIES)
    print(f"{'import and client, ms':<32}{told}")


async def fetch(library: Any, url: str, requests: int, at_once: int) -> float:
    """Microseconds of CPU a request."""
    limits = library.Limits(max_connections=100, max_keepalive_connections=40)
    left = iter(range(requests))
    async with library.AsyncClient(limits=limits, trust_env=False) as client:

        async def ask() -> None:
            for _ in left:
                async with client.stream("GET", url) as response:
                    async for _piece in response.aiter_raw():
                        pass

        await ask_some(client, url)
        began = time.process_time()
        await asyncio.gather(*(ask() for _ in range(at_once)))
        return (time.process_time() - began) / requests * 1e6


async def ask_some(client: Any, url: str) -> None:
    """Open a connection and let the source remember its answer."""
    await client.get(url)


def start(code: str) -> float:
    """Seconds of CPU in a fresh interpreter."""
    return median(
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(7)
    )


if __name__ == "__main__":
    main()
