"""POST /api/admin/*: what operators do to a running service. Needs a key."""

from typing import Annotated

from pydantic import ConfigDict, Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.desk import Desk
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter, NotFound, shown


class PurgeRequest(Request):
    """Which kept answers to forget."""

    feed: Annotated[
        str | None, Field(pattern="^[a-z_]{1,40}$", description="a feed's name; by default all")
    ] = None


class PurgeReply(Reply, kw_only=True):
    """How many kept values are gone."""

    purged: int


class SourceRequest(Request):
    """Which source, on or off."""

    source: str
    enabled: Annotated[bool, Field(strict=True)]


class SourceReply(Reply, kw_only=True):
    """The source and its new state."""

    source: str
    enabled: bool
    status: str


class FaultsRequest(Request):
    """Fault by source: an HTTP status or one of the sandbox's words; an empty one ends it."""

    model_config = ConfigDict(frozen=True, extra="allow")


class FaultsReply(Reply, kw_only=True):
    """All faults now in force."""

    faults: dict[str, str]


async def admin_faults(request: FaultsRequest, ctx: Context) -> FaultsReply:
    """In the sandbox, make sources fail in stated ways: `{"binance": "451", "kraken": ""}`."""
    set_faults = _desk(ctx).set_faults
    if set_faults is None:
        raise NotFound("Only the sandbox has faults to set; start with --upstream sandbox")
    given = request.model_extra or {}
    wanted = {source: "" if fault is None else str(fault) for source, fault in given.items()}
    try:
        return FaultsReply(faults=dict(set_faults(wanted)))
    except ValueError as error:
        told = {shown(source): shown(fault) for source, fault in wanted.items()}
        raise InvalidParameter(shown(error, 600), {"faults": told}) from error


async def admin_purge(request: PurgeRequest, ctx: Context) -> PurgeReply:
    """Forget kept answers in this process, so that the next request asks upstream."""
    return PurgeReply(purged=_desk(ctx).forget(f"v1:{request.feed}:" if request.feed else ""))


async def admin_source(request: SourceRequest, ctx: Context) -> SourceReply:
    """Switch a source off or on in this process. Switching on also forgets its pauses."""
    gates = _desk(ctx).runtime.highway.gates
    gate = gates.get(request.source)
    if gate is None:
        raise InvalidParameter.of("source", request.source, "one of " + ", ".join(gates))
    gate.switched_off = not request.enabled
    if request.enabled:
        gate.reset()
    return SourceReply(source=request.source, enabled=request.enabled, status=gate.status)


def _desk(ctx: Context) -> Desk:
    assert ctx.desk  # noqa: S101 - the app gives one to every endpoint of operations
    return ctx.desk


endpoints = tuple(
    Endpoint(
        method="POST",
        path=path,
        request=request,
        reply=reply,
        call=call,
        tag="Operations",
        auth="key",
        cached=False,
        host="space",
    )
    for path, request, reply, call in (
        ("/api/admin/cache/purge", PurgeRequest, PurgeReply, admin_purge),
        ("/api/admin/sources", SourceRequest, SourceReply, admin_source),
        ("/api/admin/faults", FaultsRequest, FaultsReply, admin_faults),
    )
)
handler = lambda_handler(*endpoints)
