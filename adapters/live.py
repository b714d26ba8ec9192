"""Live data of a long-lived process, wired: venues' streams in, sockets and event streams out."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route, WebSocketRoute

from adapters.sse import EventStreamApp
from adapters.station import Station, build_station
from adapters.websocket import SocketApp
from lib.endpoint import Channel, Endpoint
from lib.feeds import TICKERS
from lib.live.hub import Hub
from lib.live.keys import LIVE, SANDBOX
from lib.live.publishing import LocalPublisher, Publisher
from lib.live.tower import Tower
from lib.runtime import Runtime
from lib.streams.reader import Pace
from lib.streams.venues import build_streams

if TYPE_CHECKING:
    from lib.live.shared_rows import SharedRows

_log = logging.getLogger("dreammaker.live")


class Live:
    """Everything live in one process. Nothing is contacted before somebody listens."""

    def __init__(
        self,
        runtime: Runtime,
        channels: Sequence[Channel],
        endpoints: Sequence[Endpoint],
        *,
        pace: Pace | None = None,
    ) -> None:
        self.station: Station = build_station(runtime, channels, endpoints)
        self._channels = channels
        self._publisher = _publisher(runtime, self.station.hub)
        self._rows = _shared_rows(runtime)

        async def ask_kucoin() -> bytes:
            provider: Any = runtime.highway.gates["kucoin"].provider
            return bytes((await provider.post("/api/v1/bullet-public", {})).body)

        urls = runtime.settings.ws_urls
        streams = build_streams(urls, ask_kucoin)
        if runtime.sandbox:  # never mixed with live data
            streams = [stream for stream in streams if stream.name in urls]
        ctx = runtime.context()
        self.tower = Tower(
            self.station.hub.channels,
            runtime.highway,
            streams,
            self._publisher,
            runtime.clock,
            label=ctx.label,
            pace=pace,
            forget=self.station.hub.forget,
            recall=self.station.hub.recall,
            share=self._rows.share if self._rows else None,
        )
        self.station.hub.watcher = self.tower

    @property
    def routes(self) -> list[BaseRoute]:
        """Sockets by path, and the event streams."""
        sockets: list[BaseRoute] = [
            WebSocketRoute(channel.path, SocketApp(channel, self.station), name=channel.name)
            for channel in self._channels
        ]
        return [*sockets, Route("/api/stream/{channel}", EventStreamApp(self.station))]

    async def ready(self) -> None:
        """Take over what other processes have published lately."""
        await self._publisher.ready()

    async def run(self) -> None:
        """Keep everything going until cancelled."""
        while True:
            try:
                await self._run()
            except* Exception:
                _log.exception("live.failed")  # a fault of ours must not end the server
                await asyncio.sleep(1)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.station.hub.run())
            tasks.create_task(self.station.watch_over())
            tasks.create_task(self._publisher.run())
            tasks.create_task(self.tower.run())
            if self._rows:
                tasks.create_task(self._rows.run())

    def leaving(self) -> None:
        """Tell whoever asks `/health/ready` to send nobody any more."""
        self.station.runtime.draining = True
        _log.info("server.leaving", extra={"connections": len(self.station.tenants)})

    def going_down(self) -> None:
        """Tell every client that the server ends."""
        self.station.going_down()


def _shared_rows(runtime: Runtime) -> "SharedRows | None":
    url = runtime.settings.redis_url
    if url is None:
        return None
    from lib.live.shared_rows import SharedRows  # brings the Redis library

    keep = partial(runtime.highway.put_rows, TICKERS)
    return SharedRows(url.get_secret_value(), keep, SANDBOX if runtime.sandbox else LIVE)


def _publisher(runtime: Runtime, hub: Hub) -> Publisher:
    url = runtime.settings.redis_url
    if url is None:
        return LocalPublisher(hub)
    from lib.live.relay import Relay  # brings the Redis library

    keys = SANDBOX if runtime.sandbox else LIVE
    return Relay(url.get_secret_value(), hub, runtime.clock, keys)
