"""The two servers of `bench.ws`, each with the same messages: ours, and broadcast()'s.

    python -m bench.ws_servers ours|broadcast PORT

Takes connections on that port of loopback until it is ended.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette

from lib.command import command

SYMBOLS: Final = [f"C{number:02}/USDT" for number in range(50)]
TICK_S: Final = 1.0


def main() -> None:
    """Serve as the command line says."""
    parser = command(__doc__)
    parser.add_argument("kind", choices=KINDS, help="which server")
    parser.add_argument("port", metavar="PORT", type=int, help="on loopback")
    given = parser.parse_args()
    KINDS[given.kind](given.port)


def serve_ours(port: int) -> None:
    """The service's own front door, router, sockets and hub; the messages come from here."""
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

    runtime = build_runtime(Settings.load({"RATE_LIMIT_IP": "0", "WS_MAX_CONNECTIONS": "100000"}))
    channels = load_channels()
    station = build_station(runtime, channels, [])
    pairs = [Pair(*symbol.split("/")) for symbol in SYMBOLS]
    rows = {str(pair): Ticker(pair, 1.0, 1) for pair in pairs}
    runtime.highway.put_rows(TICKERS, "binance", rows)
    topics = [parse_topic(f"ticker:{symbol}") for symbol in SYMBOLS]

    def updates(tick: int) -> list[Item]:
        now_ms = runtime.clock.now_ms()
        return [
            Item(
                topic,
                "data",
                encode(TickerUpdate(str(topic.pair), tick * 100 + i, 2.34, 28500000000.0, now_ms)),
                "binance",
            )
            for i, topic in enumerate(topics)
        ]

    async def publish() -> None:
        tick = 0
        while True:
            tick += 1
            station.hub.number(updates(tick))
            await asyncio.sleep(TICK_S)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        works = (publish(), station.hub.run(), station.watch_over())
        tasks = [asyncio.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()

    ticker = next(channel for channel in channels if channel.name == "ticker")
    routes = [WebSocketRoute(ticker.path, SocketApp(ticker, station))]
    run_server(
        create_app([], runtime, routes=routes, lifespan=lifespan),
        station.going_down,
        ws_heartbeat_s=30,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        log_level="error",
        access_log=False,
        backlog=4096,
    )


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


KINDS: Final[Mapping[str, Callable[[int], None]]] = {
    "ours": serve_ours,
    "broadcast": serve_broadcast,
}


if __name__ == "__main__":
    main()
