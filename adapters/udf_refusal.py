"""Refusals as chart libraries read them: UDF's `{s: "error", errmsg}` inside our envelope."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec

from adapters.envelope import ENVELOPE, render_error
from lib.context import Context
from lib.endpoint import Document, Request
from lib.errors import ApiError
from lib.log import request_id

R = TypeVar("R", bound=Request)


def in_udf(call: Callable[[R, Context], Awaitable[Any]]) -> Callable[[R, Context], Awaitable[Any]]:
    """Answer an endpoint's errors as the protocol does, under their true status: charts read the
    body whatever the status."""

    @wraps(call)
    async def answer(request: R, ctx: Context) -> Any:
        try:
            return await call(request, ctx)
        except ApiError as error:
            envelope, _ = render_error(error, ctx.clock.now_ms(), request_id.get())
            refusal = {"s": "error", "errmsg": error.message} | msgspec.json.decode(envelope)
            headers = tuple(error.headers.items())
            body = msgspec.json.encode(refusal)
            return Document(body, ENVELOPE, headers=headers, status=error.status)

    return answer
