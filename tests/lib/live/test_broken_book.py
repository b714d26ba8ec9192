"""A book that a venue told wrong: nobody hears of it, and the venue is asked for it anew."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from lib.live.tower import BROKEN_S
from lib.sandbox import SandboxServer
from lib.streams.coinbase import CoinbaseStream
from tests.conftest import StillClock
from tests.lib.live.watchtower import Ear, Watchtower

pytestmark = pytest.mark.anyio

BOOK = {"bids": [["100", "1"]], "asks": [["101", "1"]]}
CROSSED = {"changes": [["buy", "102", "1"]], "time": "2026-08-14T20:42:30Z"}
TRADE = {"trade_id": 7, "price": "100", "size": "1", "side": "buy", "time": "2026-08-14T20:42:30Z"}
REFUSAL = "level2, level3, and full channels now require authentication"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    """Whom the watchtower polls while no stream tells."""
    with SandboxServer(seed=5) as server:
        yield server


class Venue:
    """One client, what it asked for, and what it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self._socket: ServerConnection | None = None
        self._news = asyncio.Event()

    async def serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        with suppress(ConnectionClosed):
            async for text in socket:
                said = json.loads(text)
                self.asked.append((said["type"], said["channels"][0]))
                self._news.set()

    async def until_asked(self, *what: tuple[str, str]) -> None:
        """Wait for just this to have been asked for."""
        async with asyncio.timeout(30):
            while len(self.asked) < len(what):
                self._news.clear()
                await self._news.wait()
        assert sorted(self.asked) == sorted(what)
        self.asked = []

    async def tell(self, kind: str, **rest: Any) -> None:
        assert self._socket
        await self._socket.send(json.dumps({"type": kind, **rest}))


@asynccontextmanager
async def watching(sandbox: SandboxServer, clock: StillClock) -> AsyncIterator[tuple[Venue, Ear]]:
    """Bitcoin's book, asked for under both its names, its trades, and the venue that tells them."""
    venue = Venue()
    async with serve(venue.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        stream = CoinbaseStream(f"ws://127.0.0.1:{port}")
        async with Watchtower(sandbox, [stream], clock).running() as watchtower:
            ear = watchtower.follow("orderbook:BTC/USD", "orderbook:BTC/USDT", "trades:BTC/USD")
            await venue.until_asked(("subscribe", "level2_batch"), ("subscribe", "matches"))
            yield venue, ear


def told_by(source: str) -> Any:
    return lambda m: m.get("channel") == "orderbook" and "data" in m and m["source"] == source


def time_of(message: dict[str, Any]) -> int:
    return int(message["data"]["timestamp"])


async def test_listeners_are_told_and_it_is_joined_anew(sandbox: SandboxServer) -> None:
    clock = StillClock(round(time.time() * 1000))
    async with watching(sandbox, clock) as (venue, ear):
        await venue.tell("snapshot", product_id="BTC-USD", **BOOK)
        await ear.until(told_by("coinbase"))
        await venue.tell("l2update", product_id="BTC-USD", **CROSSED)
        broken = await ear.until(lambda m: m.get("status") == "reconnecting")
        await venue.until_asked(("unsubscribe", "level2_batch"))
        clock.advance(BROKEN_S + 0.1)
        await venue.until_asked(("subscribe", "level2_batch"))
        await venue.tell("snapshot", product_id="BTC-USD", **BOOK)
        await ear.until(lambda m: m.get("status") == "live")

    assert (broken["channel"], broken["reason"]) == ("orderbook", "the book is crossed")
    told = [m["data"] for m in ear.said if told_by("coinbase")(m)]
    assert all(book["bids"] == [[100, 1]] for book in told)


async def test_a_book_that_is_refused_is_polled_and_the_pairs_trades_are_streamed_on(
    sandbox: SandboxServer,
) -> None:
    async with watching(sandbox, StillClock(round(time.time() * 1000))) as (venue, ear):
        await venue.tell("error", message="Failed to subscribe", reason=REFUSAL)
        await venue.until_asked(("unsubscribe", "level2_batch"))
        await ear.until(told_by("binance"))


async def test_a_book_that_is_never_told_is_polled_while_other_things_are_streamed(
    sandbox: SandboxServer,
) -> None:
    clock = StillClock(round(time.time() * 1000))
    async with watching(sandbox, clock) as (venue, ear):
        await venue.tell("match", product_id="BTC-USD", **TRADE)
        await ear.until(lambda m: m.get("channel") == "trades" and "data" in m)
        before = time_of(await ear.until(told_by("binance")))
        async with asyncio.timeout(30):
            while not any(told_by("binance")(m) and time_of(m) > before for m in ear.said):
                await venue.tell("heartbeat", product_id="BTC-USD")
                clock.advance(1)
                await asyncio.sleep(0.05)
