"""One connection, kept alive: what is sent, and when it is begun anew."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from lib.market import Pair
from lib.streams.base import Event, TickerSeen, Wanted
from lib.streams.binance import BinanceStream
from lib.streams.reader import Pace, Reader

pytestmark = pytest.mark.anyio

BTC, ETH = Wanted("tickers", Pair("BTC", "USDT")), Wanted("trades", Pair("ETH", "USDT"))
PACE = Pace(silence_s=0.3, open_s=1, backoff_s=0.02, most_backoff_s=0.05)


def ticker(price: str) -> str:
    data = {"e": "24hrTicker", "E": 1, "s": "BTCUSDT", "c": price, "C": 1_700_000_000_000}
    return json.dumps({"stream": "btcusdt@ticker", "data": data})


class Remembering:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.losses: list[tuple[str, int, bool]] = []
        self.news = asyncio.Event()

    def seen(self, venue: str, events: list[Event]) -> None:
        self.events += events
        self.news.set()

    def lost(self, venue: str, reason: str, failures: int, *, geo: bool) -> None:
        self.losses.append((reason, failures, geo))
        self.news.set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not done():
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def reading(
    handler: Callable[[ServerConnection], Awaitable[None]], pace: Pace = PACE, **options: Any
) -> AsyncIterator[tuple[Reader, Remembering]]:
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = server.sockets[0].getsockname()[1]
        sink = Remembering()
        reader = Reader(BinanceStream(f"ws://127.0.0.1:{port}"), sink, pace)
        reader.want([BTC])
        task = asyncio.create_task(reader.run())
        try:
            yield reader, sink
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_what_is_wanted_stands_in_the_address_and_what_comes_later_is_subscribed() -> None:
    paths, asked = [], []
    heard = asyncio.Event()

    async def venue(socket: ServerConnection) -> None:
        assert socket.request
        paths.append(socket.request.path)
        await socket.send(ticker("5"))
        with suppress(ConnectionClosed):
            async for text in socket:
                asked.append(json.loads(text))
                heard.set()

    async with reading(venue, PACE._replace(silence_s=5)) as (reader, sink):
        await sink.until(lambda: bool(sink.events))
        reader.want([BTC, ETH])
        async with asyncio.timeout(30):
            await heard.wait()

    assert paths == ["/stream?streams=!miniTicker@arr/btcusdt@ticker"]
    assert asked == [{"method": "SUBSCRIBE", "params": ["ethusdt@trade"], "id": 1}]


async def test_silence_is_a_failure_and_counts_until_something_is_told() -> None:
    connections = 0

    async def venue(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        if connections == 4:
            await socket.send(ticker("5"))
        await socket.wait_closed()

    async with reading(venue) as (_, sink):
        await sink.until(lambda: len(sink.losses) == 4)

    assert [failures for _, failures, _ in sink.losses] == [1, 2, 3, 1]
    assert sink.losses[0][0] == "silent for 0.3 s"


@pytest.mark.parametrize(("status", "geo"), [(451, True), (403, True), (503, False)])
async def test_a_refused_handshake_is_a_failure_with_its_status(status: int, geo: bool) -> None:
    async def venue(socket: ServerConnection) -> None: ...

    def refuse(socket: ServerConnection, _: Any) -> Any:
        return socket.respond(status, "no")

    async with reading(venue, process_request=refuse) as (_, sink):
        await sink.until(lambda: bool(sink.losses))

    assert sink.losses[0] == (f"status {status}", 1, geo)


@pytest.mark.parametrize("rubbish", ["<html>", "{", "[1,", b"\xff\xfe", "{}", '{"stream":1}'])
async def test_three_frames_of_rubbish_in_a_row_end_a_connection(rubbish: str | bytes) -> None:
    async def venue(socket: ServerConnection) -> None:
        for _ in range(2):
            await socket.send(rubbish)
        await socket.send(ticker("5"))
        for _ in range(3):
            await socket.send(rubbish)
        await socket.wait_closed()

    async with reading(venue, PACE._replace(silence_s=5)) as (_, sink):
        await sink.until(lambda: bool(sink.losses))

    assert sink.losses[0] == ("frames that make no sense", 1, False)
    assert len([event for event in sink.events if isinstance(event, TickerSeen)]) >= 1


async def test_an_announced_end_is_no_failure() -> None:
    connections = 0

    async def venue(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        await socket.send(ticker(str(connections)))
        await socket.send('{"e":"serverShutdown","E":1}')
        await socket.wait_closed()

    async with reading(venue) as (_, sink):
        await sink.until(lambda: len(sink.events) >= 4)

    assert sink.losses == []
    assert connections >= 2


async def test_before_the_venue_ends_a_day_old_connection_a_new_one_is_made() -> None:
    connections = 0

    async def venue(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        with suppress(ConnectionClosed):
            while True:
                await socket.send(ticker(str(connections)))
                await asyncio.sleep(0.05)

    async with reading(venue, PACE._replace(life_s=0.2)) as (_, sink):
        await sink.until(lambda: connections >= 3)

    assert sink.losses == []


async def test_when_nothing_is_wanted_the_connection_ends() -> None:
    ended = asyncio.Event()

    async def venue(socket: ServerConnection) -> None:
        await socket.send(ticker("5"))
        await socket.wait_closed()
        ended.set()

    async with reading(venue, PACE._replace(silence_s=5)) as (reader, sink):
        await sink.until(lambda: bool(sink.events))
        reader.want([])
        async with asyncio.timeout(30):
            await ended.wait()

    assert sink.losses == []
