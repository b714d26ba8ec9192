"""GET /api/usage: what the caller's key has used of its minute. Needs a key."""

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.units import UnixMs


class UsageRequest(Request):
    """Nothing to choose."""


class UsageReply(Reply, kw_only=True):
    """The running minute of one key; `limit` 0 means no limit."""

    timestamp: UnixMs
    key: str
    limit: int
    used: int
    remaining: int | None
    resets_in_s: int


async def usage(request: UsageRequest, ctx: Context) -> UsageReply:  # noqa: ARG001
    """How many requests the key has made in its running minute, this one included."""
    desk = ctx.desk
    assert desk  # noqa: S101 - the app gives one to every endpoint of operations
    assert desk.principal  # noqa: S101 - the endpoint is protected
    limit = desk.runtime.settings.rate_limit_key
    verdict = desk.runtime.limiter.take(f"key:{desk.principal.name}", limit, 0)
    return UsageReply(
        timestamp=ctx.clock.now_ms(),
        key=desk.principal.name,
        limit=limit,
        used=limit - verdict.remaining if limit else 0,
        remaining=verdict.remaining if limit else None,
        resets_in_s=verdict.reset_s if limit else 0,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/usage",
        request=UsageRequest,
        reply=UsageReply,
        call=usage,
        tag="Operations",
        auth="key",
        cached=False,
    ),
)
handler = lambda_handler(*endpoints)
