"""Live listeners over two servers: sockets and event streams that come back when they are cut."""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from typing import Any, Final

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from drill.processes import Server
from drill.witness import Witness

AGAIN_S: Final = 0.5
QUIET_S: Final = 6.0
"""After so long without a word a listener turns to the other server, as front ends do."""

_CUT: Final = (OSError, TimeoutError, WebSocketException, httpx.TransportError, httpx.StreamError)


class Listener:
    """One client that listens for ever, to whichever server lets it."""

    def __init__(self, witness: Witness, servers: Sequence[Server], first: int) -> None:
        self.witness = witness
        self._servers = servers
        self._turn = first
        self._last = ""

    async def sockets(self) -> None:
        """Over websockets."""
        while True:
            with contextlib.suppress(*_CUT):
                await self._socket(self._server())
            await asyncio.sleep(AGAIN_S)

    async def events(self) -> None:
        """Over an event stream; what was missed is asked for by its number."""
        async with httpx.AsyncClient(timeout=QUIET_S, trust_env=False) as client:
            while True:
                with contextlib.suppress(*_CUT):
                    await self._stream(client, self._server())
                await asyncio.sleep(AGAIN_S)

    def _server(self) -> Server:
        self._turn += 1
        return self._servers[self._turn % len(self._servers)]

    async def _socket(self, server: Server) -> None:
        witness = self.witness
        root = server.root.replace("http", "ws")
        asked = {"action": "subscribe", "channel": witness.channel, "symbols": witness.symbols}
        if witness.channel == "ohlcv":
            asked["timeframe"] = "1m"
        async with connect(
            f"{root}/ws/{witness.channel}", open_timeout=3, close_timeout=1, ping_interval=None
        ) as socket:
            witness.connected(time.time() * 1000, anew=True)
            await socket.send(json.dumps(asked))
            while True:
                async with asyncio.timeout(QUIET_S):
                    text = await socket.recv()
                self._hear(json.loads(text))

    async def _stream(self, client: httpx.AsyncClient, server: Server) -> None:
        witness = self.witness
        asked = {"symbols": ",".join(witness.symbols)}
        if witness.channel == "ohlcv":
            asked["timeframe"] = "1m"
        headers = {"Last-Event-ID": self._last} if self._last else {}
        url = f"{server.root}/api/stream/{witness.channel}"
        async with client.stream("GET", url, params=asked, headers=headers) as reply:
            witness.connected(time.time() * 1000, anew=not self._last)
            async for line in reply.aiter_lines():
                field, _, value = line.partition(": ")
                if field == "id":
                    self._last = value
                elif field == "data":
                    self._hear(json.loads(value))

    def _hear(self, message: dict[str, Any]) -> None:
        self.witness.hear(message)


async def watch(listeners: Sequence[Listener]) -> None:
    """Look every second whether somebody hears nothing."""
    while True:
        await asyncio.sleep(1)
        for listener in listeners:
            listener.witness.watch()
