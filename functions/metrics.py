"""GET /metrics: counters for Prometheus. Needs a key."""

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Document, Endpoint, Request


class MetricsRequest(Request):
    """Nothing to choose."""


async def metrics(request: MetricsRequest, ctx: Context) -> Document:  # noqa: ARG001
    """Requests, upstream calls, circuits and quotas in Prometheus' text format."""
    assert ctx.desk  # noqa: S101 - the app gives one to every endpoint of operations
    return Document(ctx.desk.metrics(), "text/plain; version=0.0.4; charset=utf-8")


endpoints = (
    Endpoint(
        method="GET",
        path="/metrics",
        request=MetricsRequest,
        reply=Document,
        call=metrics,
        tag="Operations",
        auth="key",
        cached=False,
        host="space",
    ),
)
handler = lambda_handler(*endpoints)
