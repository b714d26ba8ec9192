"""Fan-out of live messages: ours beside the `websockets` library's broadcast(), in the same run.

    .venv/bin/python bench/ws.py [--connections 1000] [--seconds 20] [--rounds 2]

Every second each of 50 symbols has one message; each client follows 5 of them. Servers and
clients are processes of their own on loopback. Printed: the server's CPU time for one second's
messages (ms/tick) and for one message that arrived (us/msg), latency from publishing to the
client's read, memory a connection, and whether anything was lost. Goal: CPU at most that of
broadcast(). The clients share the machine: at 9,500 they are what limits the latency.
"""

import argparse
import asyncio
import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SYMBOLS: Final = [f"C{number:02}/USDT" for number in range(50)]
EACH: Final = 5
TICK_S: Final = 1.0
KEY: Final = "AAAAAAAAAAAAAAAAAAAAAA=="
PING: Final = b"\x89"
MASK: Final = b"\1\2\3\4"


def main() -> int:
    """Run both servers in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--serve", choices=["ours", "broadcast"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.serve:
        {"ours": serve_ours, "broadcast": serve_broadcast}[options.serve](options.port)
        return 0
    print(
        f"{options.connections} connections x {EACH} of {len(SYMBOLS)} symbols a second, "
        f"{options.seconds} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'server':<12}{'ms/tick':>9}{'us/msg':>8}{'core %':>8}{'p50 ms':>8}{'p99 ms':>8}"
          f"{'KB/conn':>9}{'received':>11}{'lost':>6}")  # fmt: skip
    costs: dict[str, list[float]] = {"ours": [], "broadcast": []}
    for _ in range(options.rounds):
        for kind in costs:
            row = measure(kind, options.connections, options.seconds)
            costs[kind].append(row["us"])
            print(f"{kind:<12}{row['ms']:>9.1f}{row['us']:>8.1f}{row['core']:>8.1f}{row['p50']:>8.1f}{row['p99']:>8.1f}"
                  f"{row['kb']:>9.1f}{row['received']:>11,}{row['lost']:>6}")  # fmt: skip
    ratio = min(costs["ours"]) / min(costs["broadcast"])
    print(f"ours / broadcast(), CPU a message, best of each: {ratio:.2f}")
    return 0


# measuring


def measure(kind: str, connections: int, seconds: int) -> dict[str, Any]:
    """One server under one load."""
    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "--serve", kind, "--port", str(port)])
    try:
        wait_for(port)
        return asyncio.run(load(server.pid, port, connections, seconds))
    finally:
        server.terminate()
        server.wait()


async def load(pid: int, port: int, connections: int, seconds: int) -> dict[str, Any]:
    """Connect, let it run, count."""
    loop = asyncio.get_running_loop()
    empty_kb = memory_kb(pid)
    clients: list[Client] = []
    for number in range(connections):
        symbols = [SYMBOLS[(number * 7 + i * 11) % len(SYMBOLS)] for i in range(EACH)]
        client = Client(symbols, close_look=connections <= 1000 or number % 20 == 0)
        await loop.create_connection(lambda made=client: made, "127.0.0.1", port)
        clients.append(client)
        if number % 50 == 49:
            await asyncio.sleep(0.02)
    await asyncio.wait_for(asyncio.gather(*(client.ready for client in clients)), 60)
    await asyncio.sleep(2)
    for client in clients:
        client.start()
    used, began = cpu_s(pid), time.monotonic()
    full_kb = memory_kb(pid)
    await asyncio.sleep(seconds)
    used, took = cpu_s(pid) - used, time.monotonic() - began
    for client in clients:
        client.counting = False
    gone = sum(client.gone for client in clients)
    if gone:
        raise RuntimeError(f"{gone} clients were sent away")
    latencies = sorted(ms for client in clients for ms in client.latencies)
    return {
        "ms": used / (took / TICK_S) * 1000,
        "us": used / sum(client.count for client in clients) * 1e6,
        "core": used / took * 100,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "kb": (full_kb - empty_kb) / connections,
        "received": sum(client.count for client in clients),
        "lost": sum(client.lost for client in clients),
    }


class Client(asyncio.Protocol):
    """A websocket client that does as little as can be: its cost must not be the server's."""

    _facts = re.compile(rb'"price":(\d+).{0,200}?"published_at":(\d+)')

    def __init__(self, symbols: Sequence[str], *, close_look: bool) -> None:
        self.ready = asyncio.get_running_loop().create_future()
        self.count = self.lost = 0
        self.counting = self.gone = False
        self.latencies: list[float] = []
        self._symbols = symbols
        self._close_look = close_look  # at times and losses; of many clients only some can
        self._shaken = False
        self._buffer = b""
        self._ticks: dict[bytes, int] = {}

    def start(self) -> None:
        """Count from now on."""
        self.counting, self.count, self.lost = True, 0, 0
        self.latencies.clear()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(
            b"GET /ws/ticker HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
            + KEY.encode() + b"\r\n\r\n"
        )  # fmt: skip

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio gives it
        self.gone = True

    def data_received(self, data: bytes) -> None:
        now_ms = time.time() * 1000
        if not self._shaken:
            self._buffer += data
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, head
            self._shaken = True
            self._buffer, data = b"", rest
            self._subscribe()
        if b'"type":"subscribed"' in data and not self.ready.done():
            self.ready.set_result(None)
        if PING in data:
            self._answer_ping(data)
        if not self.counting:
            return
        if not self._close_look:
            self.count += data.count(b'"published_at"')
            return
        for price, at in self._facts.findall(data):
            self.count += 1
            self.latencies.append(now_ms - int(at))
            # the price is the tick's number, times a hundred, plus the symbol's
            tick, symbol = divmod(int(price), 100)
            key = b"%d" % symbol
            if key in self._ticks:
                self.lost += tick - self._ticks[key] - 1
            self._ticks[key] = tick

    def _subscribe(self) -> None:
        text = json.dumps({"action": "subscribe", "channel": "ticker", "symbols": self._symbols})
        raw = text.encode()
        size = bytes((0x80 | 126,)) + len(raw).to_bytes(2, "big")
        self._transport.write(b"\x81" + size + MASK + masked(raw))

    def _answer_ping(self, data: bytes) -> None:
        """Who answers none is sent away after a minute. The byte stands in no message of ours."""
        at = data.index(PING)
        size = data[at + 1]
        payload = data[at + 2 : at + 2 + size]
        self._transport.write(b"\x8a" + bytes((0x80 | size,)) + MASK + masked(payload))


def masked(raw: bytes) -> bytes:
    """As clients must send it."""
    return bytes(byte ^ MASK[i % 4] for i, byte in enumerate(raw))


def cpu_s(pid: int) -> float:
    """CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kb(pid: int) -> int:
    """Resident memory of a process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


# servers


def serve_ours(port: int) -> None:
    """The service's own front door, router, sockets and hub; the messages come from here."""
    from contextlib import asynccontextmanager

    from starlette.routing import WebSocketRoute

    from adapters.asgi import create_app
    from adapters.socket_protocol import run_server
    from adapters.station import build_station
    from adapters.websocket import SocketApp
    from functions import load_channels
    from lib.feeds import TICKERS
    from lib.live.messages import TickerUpdate
    from lib.live.topics import parse_topic
    from lib.live.updates import Item, encode
    from lib.market import Pair, Ticker
    from lib.runtime import build_runtime
    from lib.settings import Settings

    settings = Settings(rate_limit_ip=0, ws_max_connections=100_000)
    runtime = build_runtime(settings)
    channels = load_channels()
    station = build_station(runtime, channels, [])
    rows = {symbol: Ticker(Pair(*symbol.split("/")), 1.0, 1) for symbol in SYMBOLS}
    runtime.highway.put_rows(TICKERS, "binance", rows)
    topics = [parse_topic(f"ticker:{symbol}") for symbol in SYMBOLS]

    async def publish() -> None:
        tick = 0
        while True:
            tick += 1
            now_ms = runtime.clock.now_ms()
            station.hub.number([
                Item(topic, "data", encode(
                    TickerUpdate(str(topic.pair), tick * 100 + i, 2.34, 28500000000.0, now_ms)
                ), "binance")
                for i, topic in enumerate(topics)
            ])  # fmt: skip
            await asyncio.sleep(TICK_S)

    @asynccontextmanager
    async def lifespan(_: Any) -> Any:
        tasks = [asyncio.create_task(work) for work in
                 (publish(), station.hub.run(), station.watch_over())]  # fmt: skip
        yield
        for task in tasks:
            task.cancel()

    ticker = next(channel for channel in channels if channel.name == "ticker")
    routes = [WebSocketRoute(ticker.path, SocketApp(ticker, station))]
    app = create_app([], runtime, routes=routes, lifespan=lifespan)
    run_server(
        app, station.going_down, ws_heartbeat_s=30, host="127.0.0.1", port=port, loop="uvloop",
        log_level="error", access_log=False, backlog=4096,
    )  # fmt: skip


def serve_broadcast(port: int) -> None:
    """The library's own server and its broadcast(), same messages, encoded once."""
    import uvloop
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    followers: dict[str, set[ServerConnection]] = {symbol: set() for symbol in SYMBOLS}

    async def handler(connection: ServerConnection) -> None:
        await connection.send('{"type":"connection","status":"connected","channels":["ticker"]}')
        async for text in connection:
            symbols = json.loads(text)["symbols"]
            for symbol in symbols:
                followers[symbol].add(connection)
            await connection.send(
                json.dumps({"type": "subscribed", "accepted": symbols}, separators=(",", ":"))
            )

    async def run() -> None:
        seq = int(time.time() * 1e6)
        async with serve(handler, "127.0.0.1", port, compression=None, backlog=4096):
            tick = 0
            while True:
                tick += 1
                for i, symbol in enumerate(SYMBOLS):
                    seq += 1
                    now_ms = int(time.time() * 1000)
                    message = (
                        f'{{"channel":"ticker","data":{{"symbol":"{symbol}",'
                        f'"price":{tick * 100 + i}.0,"change_24h":2.34,'
                        f'"volume_24h":28500000000.0,"timestamp":{now_ms}}},'
                        f'"seq":{seq},"published_at":{now_ms},"source":"binance"}}'
                    )
                    broadcast(followers[symbol], message)
                await asyncio.sleep(TICK_S)

    uvloop.run(run())


if __name__ == "__main__":
    sys.exit(main())
