"""How long it takes until all is well after a fault."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

import httpx

from drill.health import look, well
from drill.listeners import Listener
from drill.processes import Server

PAUSE_S: Final = 0.25


class Probe(NamedTuple):
    """A path that must answer with what is fresh; `new`: that was said after the fault."""

    path: str
    new: bool = False


PROBES: Final = (
    Probe("/api/price/BTC", new=True),
    Probe("/api/orderbook/ETH", new=True),
    Probe("/api/trades/SOL", new=True),
    Probe("/api/ohlcv?symbol=BTC&timeframe=1h"),
    Probe("/api/market?limit=20"),
    Probe("/api/news/latest?limit=5"),
)


class Recovery:
    """What is still waited for since a fault ended."""

    def __init__(self, servers: Sequence[Server], listeners: Sequence[Listener]) -> None:
        self._began = time.monotonic()
        self._began_ms = time.time() * 1000
        self._unwell = dict.fromkeys(servers, "not asked")
        self._open = {(server, probe): "not asked" for server in servers for probe in PROBES}
        self._listeners = listeners

    async def wait(self, patience_s: float) -> tuple[float | None, str]:
        """Seconds until every server has said that it is well and answered every probe, and every
        listener has heard something, `None` after `patience_s`; and what was missing last."""
        last = ""
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while time.monotonic() - self._began < patience_s:
                await asyncio.gather(*(self._ask(client, server) for server in self._unwell))
                missing = self._missing()
                if not missing:
                    return time.monotonic() - self._began, last
                last = missing
                await asyncio.sleep(PAUSE_S)
        return None, last

    def _missing(self) -> str:
        found = [f"{server.name} {why}" for server, why in self._unwell.items() if why]
        found += [
            f"{server.name} {probe.path} {why}" for (server, probe), why in self._open.items()
        ]
        heard = [one.witness for one in self._listeners]
        found += [f"{one.name} hears nothing" for one in heard if one.heard_at < self._began]
        return ", ".join(found[:6])

    async def _ask(self, client: httpx.AsyncClient, server: Server) -> None:
        health = await look(client, server)
        self._unwell[server] = (
            "does not answer" if health is None else "" if well(health) else str(health["reasons"])
        )
        for probe in [probe for one, probe in self._open if one is server]:
            why = await self._against(client, server, probe)
            if why:
                self._open[server, probe] = why
            else:
                del self._open[server, probe]

    async def _against(self, client: httpx.AsyncClient, server: Server, probe: Probe) -> str:
        with contextlib.suppress(httpx.TransportError):
            reply = await client.get(server.root + probe.path)
            if not reply.is_success:
                return str(reply.status_code)
            if reply.headers["x-cache"] == "stale":
                return "is stale"
            old = probe.new and reply.json()["meta"]["as_of"] < self._began_ms - 1000
            return "is of before" if old else ""
        return "does not answer"
