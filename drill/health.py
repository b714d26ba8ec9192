"""Whether /health tells the truth: what it must say while something is broken, and after."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpx

from drill.processes import Server

Says = Callable[[dict[str, Any]], bool]

LOOK_S: Final = 0.25


def well(health: dict[str, Any]) -> bool:
    """Nothing is wrong."""
    return health["status"] == "healthy" and not health["reasons"]


def unwell(health: dict[str, Any]) -> bool:
    """Something is wrong, and it says what."""
    return health["status"] == "degraded" and bool(health["reasons"])


def store_down(health: dict[str, Any]) -> bool:
    """Redis is of no use."""
    return health["services"]["redis"] == "down" and unwell(health)


def ledger_down(health: dict[str, Any]) -> bool:
    """Nothing can be recorded."""
    return health["services"]["ledger"] == "down" and unwell(health)


def source_down(name: str) -> Says:
    """One source fails; the service as such is well."""
    return lambda health: health["services"][name] != "online"


async def told_s(servers: Iterable[Server], says: Says, patience_s: float) -> float | None:
    """Seconds until every server that runs says so; `None` if one does not in that time."""
    began = time.monotonic()
    waiting = set(servers)
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while waiting and time.monotonic() - began < patience_s:
            for server in list(waiting):
                health = await look(client, server)
                if not server.alive or (health is not None and says(health)):
                    waiting.discard(server)
            await asyncio.sleep(LOOK_S if waiting else 0)
    return None if waiting else time.monotonic() - began


async def look(client: httpx.AsyncClient, server: Server) -> dict[str, Any] | None:
    """A server's /health; nothing if it does not answer."""
    with contextlib.suppress(httpx.TransportError):
        reply = await client.get(f"{server.root}/health")
        if reply.is_success:
            health: dict[str, Any] = reply.json()
            return health
    return None
