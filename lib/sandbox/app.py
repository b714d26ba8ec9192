"""The sandbox's app: every provider under its own name, on one market and one clock."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from typing import Final, NamedTuple

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.chain import EVM_CHAINS
from lib.sandbox import (
    alternative_me,
    binance,
    blockchain_info,
    coinbase,
    coingecko,
    coinmarketcap,
    coinpaprika,
    defillama,
    evm_rpc,
    explorer,
    kraken,
    kucoin,
    mempool,
    okx,
    rss,
    whale_alert,
)
from lib.sandbox.clock import SandboxClock
from lib.sandbox.faults import FaultMiddleware, Faults
from lib.sandbox.market import Market
from lib.sandbox.world import World


class Played(NamedTuple):
    """A provider's paths, and what stands before them where a base URL leaves that out."""

    routes: Callable[[World], Sequence[BaseRoute]]
    prefix: str = ""


PROVIDERS: Final = {
    "alternative_me": Played(alternative_me.routes),
    "binance": Played(binance.routes),
    "blockchain_info": Played(blockchain_info.routes),
    "blockscout": Played(explorer.blockscout_routes),
    "coinbase": Played(coinbase.routes),
    "coingecko": Played(coingecko.routes, "/api/v3"),
    "coinmarketcap": Played(coinmarketcap.routes, "/public-api"),
    "coinpaprika": Played(coinpaprika.routes, "/v1"),
    "defillama": Played(defillama.routes),
    "defillama_yields": Played(defillama.yields_routes),
    "etherscan": Played(explorer.etherscan_routes),
    "kraken": Played(kraken.routes),
    "kucoin": Played(kucoin.routes),
    "mempool": Played(mempool.routes),
    "okx": Played(okx.routes),
    "routescan": Played(explorer.routescan_routes),
    "whale_alert": Played(whale_alert.routes),
    **{f"{chain}_rpc": Played(evm_rpc.routes_of(chain)) for chain in EVM_CHAINS},
    **{name: Played(rss.routes_of(name)) for name in rss.OUTLETS},
}
"""Every provider that the sandbox plays: a new one is a module and a row."""

STREAMED: Final = ("binance", "coinbase", "kraken")
"""Those of them that have sockets, too."""


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
    # what a base URL names as a whole, such as an RPC host, has no path to mount
    mounts: list[BaseRoute] = [
        whole
        for name, played in PROVIDERS.items()
        for route in played.routes(world)
        if (whole := _without_path(name, route))
    ]
    mounts += [
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


def _without_path(name: str, route: BaseRoute) -> BaseRoute | None:
    if isinstance(route, Route) and route.path == "/":
        return Route(f"/{name}", route.endpoint, methods=list(route.methods or ()))
    if isinstance(route, WebSocketRoute) and route.path == "/":
        return WebSocketRoute(f"/{name}", route.endpoint)
    return None


class _Desk:
    """Counts the requests and dates the answers by the sandbox's clock."""

    def __init__(self, app: ASGIApp, calls: Counter[str], clock: Callable[[], int]) -> None:
        self.app = app
        self.calls = calls
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.calls[scope["path"]] += 1
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
