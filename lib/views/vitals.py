"""How the service is, from what it already knows: stores, vital feeds, sources; nobody is asked."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.feeds import CANDLES, LISTINGS, TICKERS, Feed

if TYPE_CHECKING:
    from lib.runtime import Runtime

MODELS: Final = Path(__file__).parents[1] / "models"

VITAL: Final = (TICKERS, CANDLES, LISTINGS)
"""Feeds without which there is no service."""


def store_states(runtime: "Runtime") -> dict[str, str]:
    """Of each store whether it is `up`, `down`, or `not_configured`."""
    store, ledger = runtime.store, runtime.ledger
    return {
        "redis": getattr(store, "state", "up") if store else "not_configured",
        "ledger": ledger.state if ledger else "not_configured",
    }


def service_states(runtime: "Runtime") -> dict[str, str]:
    """Stores, embedded models and sources by name, each in a word."""
    models = {"ai_models": "available" if any(MODELS.glob("*.npz")) else "not_here"}
    sources = {name: gate.status for name, gate in runtime.highway.gates.items()}
    return store_states(runtime) | models | sources


def reasons_against(runtime: "Runtime") -> list[str]:
    """Why the service is not healthy; none if it is."""
    reasons = ["this process is ending"] if runtime.draining else []
    if store_states(runtime)["redis"] == "down":
        reasons.append("the store is down")
    if runtime.ledger and runtime.ledger.reason:
        reasons.append(f"the ledger does not record: {runtime.ledger.reason}")
    return reasons + [why for feed in VITAL if (why := _trouble(runtime, feed))]


def has_sources_left(runtime: "Runtime", feed: Feed[Any, Any]) -> bool:
    """Whether a source of a feed may be asked, as far as is known."""
    gates = runtime.highway.gates
    return {gates[name].status for name in feed.sources if name in gates} != {"offline"}


def _trouble(runtime: "Runtime", feed: Feed[Any, Any]) -> str:
    """Why nobody can be counted on for a feed. That its sources failed when they were asked for
    something else is no reason: what is fresh is not asked for again, and hides that they are
    well."""
    if not has_sources_left(runtime, feed):
        return f"every source of {feed.name} is offline"
    if runtime.highway.is_down(feed):
        return f"no source of {feed.name} has answered since all failed"
    return ""


def state_of(runtime: "Runtime") -> str:
    """`healthy` or `degraded`."""
    return "degraded" if reasons_against(runtime) else "healthy"


def count_sources(runtime: "Runtime") -> Counter[str]:
    """How many sources are online, degraded and offline."""
    return Counter(gate.status for gate in runtime.highway.gates.values())
