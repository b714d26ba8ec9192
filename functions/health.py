"""GET /health, /health/live, /health/ready: how the service is, without asking anyone."""

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from adapters.aws_lambda import lambda_handler
from lib import VERSION
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import UpstreamUnavailable
from lib.units import UnixMs
from lib.views.vitals import VITAL, has_sources_left, reasons_against, service_states

if TYPE_CHECKING:
    from lib.runtime import Runtime


class HealthRequest(Request):
    """Nothing to choose."""


class HealthReply(Struct, kw_only=True):
    """`healthy`, or `degraded` when a store is down or nobody can be counted on for a vital feed.

    `services` holds `up`, `down` or `not_configured` for stores, whether embedded models are
    `available` here, and online, degraded or offline for sources, as their circuits stand.
    """

    status: str
    timestamp: UnixMs
    version: str
    uptime: float
    services: dict[str, str]
    service: str = "dreammaker"
    sandbox: bool | UnsetType = UNSET
    upstream: str = "live"
    reasons: list[str] = []


class AliveReply(Reply, kw_only=True):
    """The process runs."""

    status: str = "alive"


class ReadyReply(Reply, kw_only=True):
    """The service can answer."""

    status: str = "ready"


async def health(request: HealthRequest, ctx: Context) -> HealthReply:  # noqa: ARG001
    """How the service is, from what it already knows; no source is asked."""
    runtime = _runtime(ctx)
    reasons = reasons_against(runtime)
    now = ctx.clock.now_ms()
    return HealthReply(
        status="degraded" if reasons else "healthy",
        timestamp=now,
        version=VERSION,
        uptime=round((now - runtime.started_ms) / 1000, 3),
        services=service_states(runtime),
        sandbox=runtime.sandbox or UNSET,
        upstream="sandbox" if runtime.sandbox else "live",
        reasons=reasons,
    )


async def health_live(request: HealthRequest, ctx: Context) -> AliveReply:  # noqa: ARG001
    """Whether the process answers at all."""
    return AliveReply()


async def health_ready(request: HealthRequest, ctx: Context) -> ReadyReply:  # noqa: ARG001
    """Whether every vital feed has a source that may be asked; 503 if not, or while the process
    ends."""
    runtime = _runtime(ctx)
    if runtime.draining:
        raise UpstreamUnavailable("This process is ending: ask another one", {"draining": True})
    lost = [feed.name for feed in VITAL if not has_sources_left(runtime, feed)]
    if lost:
        raise UpstreamUnavailable("A vital feed has no source left", {"feeds": lost})
    return ReadyReply()


def _runtime(ctx: Context) -> "Runtime":
    assert ctx.desk  # noqa: S101 - the app gives one to every endpoint of operations
    return ctx.desk.runtime


endpoints = tuple(
    Endpoint(
        method="GET",
        path=path,
        request=HealthRequest,
        reply=reply,
        call=call,
        tag="Operations",
        cached=False,
        free=True,
    )
    for path, reply, call in (
        ("/health", HealthReply, health),
        ("/health/live", AliveReply, health_live),
        ("/health/ready", ReadyReply, health_ready),
    )
)
handler = lambda_handler(*endpoints)
