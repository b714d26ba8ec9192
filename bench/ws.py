"""Fan-out of live messages: ours beside the `websockets` library's broadcast(), in the same run.

    python -m bench.ws [--connections 1000] [--seconds 20] [--rounds 2]

Every second each of 50 symbols has one message; each client follows 5 of them. Servers and
clients are processes of their own on loopback. Printed: the server's CPU time for one second's
messages (ms/tick) and for one message that arrived (us/msg), latency from publishing to the
client's read, memory a connection, and whether anything was lost. Goal: CPU at most that of
broadcast(). The clients share the machine: at 9,500 they are what limits the latency.

Takes a round's seconds twice, and a few to connect. Ends with 0 whatever goal is missed, with 1 if
a client was sent away.
"""

import asyncio
import os
import sys
import time
from typing import Final, NamedTuple

import uvloop

from bench.clients import raise_limit
from bench.servers import Server, running
from bench.ws_clients import SocketClient
from bench.ws_servers import KINDS, SYMBOLS, TICK_S
from lib.command import command

EACH: Final = 5
CLOSELY: Final = 1000
"""So many clients can all look closely; of more, one in twenty does."""

TITLES: Final = ("ms/tick", "us/msg", "core %", "p50 ms", "p99 ms", "KB/conn", "received", "lost")


class Load(NamedTuple):
    """What one server did under one load.

    Attributes:
        tick_ms: CPU for one second's messages.
        message_us: CPU for a message that arrived.
        core_percent: of one core.
        connection_kb: resident memory that a connection added.
    """

    tick_ms: float
    message_us: float
    core_percent: float
    p50_ms: float
    p99_ms: float
    connection_kb: float
    received: int
    lost: int


def main() -> int:
    """Run both servers in turn and print a table."""
    parser = command(__doc__)
    for name, default, told in (
        ("--connections", 1000, "to each server"),
        ("--seconds", 20, "a round"),
        ("--rounds", 2, "of which the best counts"),
    ):
        parser.add_argument(
            name, metavar="N", type=int, default=default, help=f"{told} ({default})"
        )
    given = parser.parse_args()
    raise_limit()
    print(
        f"{given.connections} connections x {EACH} of {len(SYMBOLS)} symbols a second, "
        f"{given.seconds} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print("server".ljust(12) + "".join(title.rjust(11) for title in TITLES))
    best = dict.fromkeys(KINDS, float("inf"))
    for _ in range(given.rounds):
        for kind in KINDS:
            found = measure(kind, given.connections, given.seconds)
            best[kind] = min(best[kind], found.message_us)
            figures = [f"{one:,.1f}" if isinstance(one, float) else f"{one:,}" for one in found]
            print(kind.ljust(12) + "".join(one.rjust(11) for one in figures), flush=True)
    ratio = best["ours"] / best["broadcast"]
    print(f"ours / broadcast(), CPU a message, best of each: {ratio:.2f}")
    return 0


def measure(kind: str, connections: int, seconds: int) -> Load:
    """One server under one load; server and clients share all cores."""
    words = [sys.executable, "-m", "bench.ws_servers", kind, "{port}"]
    with running(kind, words, {}, pinned=False) as server:
        return uvloop.run(load(server, connections, seconds))  # clients as cheap as can be


async def load(server: Server, connections: int, seconds: int) -> Load:
    """Connect, let it run, count.

    Raises:
        RuntimeError: clients were sent away.
    """
    empty_kb = server.memory_kb()
    clients = await _connect(server, connections)
    for client in clients:
        client.start()
    began_s, began = server.cpu_s(), time.monotonic()
    full_kb = server.memory_kb()
    await asyncio.sleep(seconds)
    used_s, took_s = server.cpu_s() - began_s, time.monotonic() - began
    for client in clients:
        client.counting = False
    gone = sum(client.gone for client in clients)
    if gone:
        raise RuntimeError(f"{gone} clients were sent away")
    latencies = sorted(ms for client in clients for ms in client.latencies)
    received = sum(client.count for client in clients)
    return Load(
        tick_ms=used_s / (took_s / TICK_S) * 1000,
        message_us=used_s / received * 1e6,
        core_percent=used_s / took_s * 100,
        p50_ms=latencies[len(latencies) // 2],
        p99_ms=latencies[int(len(latencies) * 0.99)],
        connection_kb=(full_kb - empty_kb) / connections,
        received=received,
        lost=sum(client.lost for client in clients),
    )


async def _connect(server: Server, connections: int) -> list[SocketClient]:
    """Clients that have all subscribed, and heard each other arrive."""
    loop = asyncio.get_running_loop()
    clients: list[SocketClient] = []
    for number in range(connections):
        symbols = [SYMBOLS[(number * 7 + i * 11) % len(SYMBOLS)] for i in range(EACH)]
        client = SocketClient(symbols, close_look=connections <= CLOSELY or number % 20 == 0)
        await loop.create_connection(lambda: client, "127.0.0.1", server.port)  # noqa: B023 - called at once
        clients.append(client)
        if number % 50 == 49:
            await asyncio.sleep(0.02)
    await asyncio.wait_for(asyncio.gather(*(client.ready for client in clients)), 60)
    await asyncio.sleep(2)
    return clients


if __name__ == "__main__":
    sys.exit(main())
