"""How the service is, from what it already knows: stores, vital feeds, sources; nobody is asked."""

from collections import Counter
from typing import Final

from lib.feeds import CANDLES, LISTINGS, TICKERS
from lib.runtime import Runtime

VITAL: Final = (TICKERS, CANDLES, LISTINGS)
"""Feeds without which there is no service."""


def store_state(runtime: Runtime) -> str:
    """`up`, `down`, or `not_configured`."""
    return getattr(runtime.store, "state", "up") if runtime.store else "not_configured"


def reasons_against(runtime: Runtime) -> list[str]:
    """Why the service is not healthy; none if it is."""
    reasons = ["the store is down"] if store_state(runtime) == "down" else []
    for feed in VITAL:
        gates = [runtime.highway.gates[n] for n in feed.sources if n in runtime.highway.gates]
        if gates and all(gate.status == "offline" for gate in gates):
            reasons.append(f"every source of {feed.name} is offline")
    return reasons


def state_of(runtime: Runtime) -> str:
    """`healthy` or `degraded`."""
    return "degraded" if reasons_against(runtime) else "healthy"


def count_sources(runtime: Runtime) -> Counter[str]:
    """How many sources are online, degraded and offline."""
    return Counter(gate.status for gate in runtime.highway.gates.values())
