"""The sandbox's app: every provider under its own name, on one market and one clock."""

from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Final, NamedTuple

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.sandbox import (
    alternative_me,
    binance,
    coinbase,
    coingecko,
    coinmarketcap,
    coinpaprika,
    kraken,
    kucoin,
    okx,
    rss,
)
from lib.sandbox.clock import SandboxClock
from lib.sandbox.faults import FaultMiddleware, Faults
from lib.sandbox.market import Market
from lib.sandbox.world import World


class Played(NamedTuple):
    """A provider's paths, and what stands before them where a base URL leaves that out."""

    routes: Callable[[World], list[Route]]
    prefix: str = ""


PROVIDERS: Final = {
    "alternative_me": Played(alternative_me.routes),
    "binance": Played(binance.routes),
    "coinbase": Played(coinbase.routes),
    "coingecko": Played(coingecko.routes, "/api/v3"),
    "coinmarketcap": Played(coinmarketcap.routes, "/public-api"),
    "coinpaprika": Played(coinpaprika.routes, "/v1"),
    "kraken": Played(kraken.routes),
    "kucoin": Played(kucoin.routes),
    "okx": Played(okx.routes),
    **{name: Played(rss.routes_of(name)) for name in rss.OUTLETS},
}
"""Every provider that the sandbox plays: a new one is a module and a row."""


def create_sandbox(
    seed: int = 1,
    clock: Callable[[], int] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Starlette:
    """Make the app: `/binance/api/v3/...`, `/kraken/0/public/...`, and so on.

    `clock` gives Unix milliseconds. `app.state.faults` may be changed while it runs;
    `app.state.calls` counts the requests by provider (`binance`) and by path.
    """
    world = World(Market(seed), clock or SandboxClock())
    switches = Faults(PROVIDERS, faults)
    calls: Counter[str] = Counter()
    mounts: list[BaseRoute] = [
        Mount(f"/{name}{prefix}", routes=played.routes(world))
        for name, played in PROVIDERS.items()
        for prefix in sorted({played.prefix, ""}, reverse=True)
    ]
    app = Starlette(
        routes=mounts,
        middleware=[
            Middleware(_Desk, calls=calls, clock=world.clock),
            Middleware(FaultMiddleware, faults=switches),
        ],
    )
    app.state.faults, app.state.calls, app.state.world = switches, calls, world
    return app


class _Desk:
    """Counts the requests and dates the answers by the sandbox's clock."""

    def __init__(self, app: ASGIApp, calls: Counter[str], clock: Callable[[], int]) -> None:
        self.app = app
        self.calls = calls
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        provider = scope["path"].split("/", 2)[1]
        if provider in PROVIDERS:
            self.calls[provider] += 1
            self.calls[scope["path"]] += 1

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self.clock() / 1000, usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self.app(scope, receive, dated)
