"""GET /api/health, /api/status, /api/resources/summary, /api/new-sources/status: how we are, as
front ends read it."""

from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct, UnsetType

from adapters.aws_lambda import lambda_handler
from lib import VERSION
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.units import UnixMs
from lib.views.vitals import count_sources, reasons_against, service_states, state_of

if TYPE_CHECKING:
    from lib.runtime import Runtime

SOURCE_WORDS = {"online": "operational", "degraded": "degraded", "offline": "offline"}


class StateRequest(Request):
    """Nothing to choose."""


class StateReply(Reply, kw_only=True):
    """`status` is `healthy`, or `degraded` for the `reasons` given."""

    status: str
    service: str = "dreammaker"
    version: str = VERSION
    timestamp: UnixMs
    uptime: float
    reasons: list[str]
    sandbox: bool | UnsetType = UNSET


class SourceCounts(Struct):
    """How many sources are how."""

    total: int
    online: int
    degraded: int
    offline: int


class ApiHealthReply(StateReply, kw_only=True):
    """How the service is, with the state of its stores and sources."""

    services: dict[str, str]


class ApiStatusReply(StateReply, kw_only=True):
    """How the service is, with its sources counted."""

    providers: SourceCounts
    endpoints: int


class Resources(Struct):
    """What the service draws upon. `categories` counts the sources of each feed."""

    total_resources: int
    free_resources: int
    keyed_resources: int
    total_api_keys: int
    online: int
    local_routes_count: int
    categories: dict[str, int]


class ResourcesReply(StateReply, kw_only=True):
    """Sources counted."""

    summary: Resources


class SourceState(Struct):
    """One source: operational, degraded or offline, as its circuit stands."""

    status: str
    feeds: list[str]
    last_error: str | None


class SourcesReply(StateReply, kw_only=True):
    """Every source by its id."""

    sources: dict[str, SourceState]


async def api_health(request: StateRequest, ctx: Context) -> ApiHealthReply:  # noqa: ARG001
    """How the service is, as `/health`; no source is asked."""
    return ApiHealthReply(**_state(ctx), services=service_states(_runtime(ctx)))


async def api_status(request: StateRequest, ctx: Context) -> ApiStatusReply:  # noqa: ARG001
    """How the service is, and how many of its sources are online."""
    counts = count_sources(_runtime(ctx))
    return ApiStatusReply(
        **_state(ctx),
        providers=SourceCounts(
            counts.total(), counts["online"], counts["degraded"], counts["offline"]
        ),
        endpoints=_endpoints(ctx),
    )


async def resources_summary(request: StateRequest, ctx: Context) -> ResourcesReply:  # noqa: ARG001
    """How many sources there are, of what kind, with and without keys."""
    runtime = _runtime(ctx)
    providers = [gate.provider for gate in runtime.highway.gates.values()]
    feeds = sorted({feed for provider in providers for feed in provider.served()})
    summary = Resources(
        total_resources=len(providers),
        free_resources=sum(not provider.needs_key for provider in providers),
        keyed_resources=sum(provider.needs_key for provider in providers),
        total_api_keys=sum(provider.has_key for provider in providers),
        online=count_sources(runtime)["online"],
        local_routes_count=_endpoints(ctx),
        categories={feed: sum(feed in p.served() for p in providers) for feed in feeds},
    )
    return ResourcesReply(**_state(ctx), summary=summary)


async def new_sources_status(request: StateRequest, ctx: Context) -> SourcesReply:  # noqa: ARG001
    """The state of every source, as this process has met it; none is asked."""
    gates = _runtime(ctx).highway.gates
    return SourcesReply(
        **_state(ctx),
        sources={
            name: SourceState(
                SOURCE_WORDS[gate.status], sorted(gate.provider.served()), gate.last_error
            )
            for name, gate in gates.items()
        },
    )


def _runtime(ctx: Context) -> "Runtime":
    assert ctx.desk  # noqa: S101 - the app gives one to every endpoint of operations
    return ctx.desk.runtime


def _endpoints(ctx: Context) -> int:
    return len(ctx.desk.endpoints) if ctx.desk else 0


def _state(ctx: Context) -> dict[str, Any]:
    runtime = _runtime(ctx)
    now = ctx.clock.now_ms()
    return {
        "status": state_of(runtime),
        "timestamp": now,
        "uptime": round((now - runtime.started_ms) / 1000, 3),
        "reasons": reasons_against(runtime),
        "sandbox": runtime.sandbox or UNSET,
    }


endpoints = tuple(
    Endpoint(
        method="GET",
        path=path,
        request=StateRequest,
        reply=reply,
        call=call,
        tag="Operations",
        cached=False,
        free=free,
    )
    for path, reply, call, free in (
        ("/api/health", ApiHealthReply, api_health, True),
        ("/api/status", ApiStatusReply, api_status, False),
        ("/api/resources/summary", ResourcesReply, resources_summary, False),
        ("/api/new-sources/status", SourcesReply, new_sources_status, False),
    )
)
handler = lambda_handler(*endpoints)
