"""A tower over the sandbox's streams, quick to lose patience, and a listener that remembers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from functions import load_channels
from lib.clock import Clock
from lib.live.hub import Hub
from lib.live.publishing import LocalPublisher
from lib.live.table import Share
from lib.live.topics import parse_topic
from lib.live.tower import Tower
from lib.live.updates import Update
from lib.runtime import build_runtime, load_providers
from lib.sandbox import SandboxServer
from lib.settings import Settings
from lib.streams.base import VenueStream
from lib.streams.reader import Pace
from lib.streams.venues import build_streams

PACE = Pace(silence_s=1.6, open_s=2, backoff_s=0.05, most_backoff_s=0.1)


class Ear:
    """A listener that remembers everything."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    def take(self, updates: Sequence[Update]) -> None:
        self.said += [msgspec.json.decode(update.text) for update in updates]
        self._news.set()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message like this."""
        seen = 0
        async with asyncio.timeout(60):
            while True:
                for message in self.said[seen:]:
                    seen += 1
                    if wanted(message):
                        return message
                self._news.clear()
                await self._news.wait()


class Watchtower:
    """Everything between venues and listeners, in this process."""

    def __init__(
        self,
        sandbox: SandboxServer,
        streams: Sequence[VenueStream] | None = None,
        clock: Clock | None = None,
        share: Share | None = None,
    ) -> None:
        self.sandbox = sandbox
        root = f"http://127.0.0.1:{sandbox.port}"
        settings = Settings(base_urls={name: f"{root}/{name}" for name in load_providers()})
        self.runtime = build_runtime(settings, clock=clock)
        self.hub = Hub(load_channels(), self.runtime.clock)
        if streams is None:
            made = build_streams(sandbox.ws_urls(), self._no_token)
            streams = [stream for stream in made if stream.name in sandbox.ws_urls()]
        self.tower = Tower(
            self.hub.channels,
            self.runtime.highway,
            streams,
            LocalPublisher(self.hub),
            self.runtime.clock,
            pace=PACE,
            forget=self.hub.forget,
            recall=self.hub.recall,
            share=share,
        )
        self.hub.watcher = self.tower

    async def _no_token(self) -> bytes:
        raise AssertionError("KuCoin is not played")

    def follow(self, *keys: str) -> Ear:
        """A listener of `ticker:BTC/USDT` and so on."""
        ear = Ear()
        for key in keys:
            self.hub.join(ear, parse_topic(key))
        return ear

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Watchtower"]:
        """Between here and there it runs."""
        tasks = [asyncio.create_task(work) for work in (self.hub.run(), self.tower.run())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            await self.runtime.aclose()
