"""GET /asyncapi.json: every live channel, for programs that read such documents."""

from functools import cache
from typing import Annotated

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Document, Endpoint, Request


class AsyncapiRequest(Request):
    """Nothing to choose."""


async def asyncapi(request: AsyncapiRequest, ctx: Context) -> Document:  # noqa: ARG001
    """The live channels as an AsyncAPI 3 document."""
    return Document(document(), "application/json", max_age_s=None)


@cache
def document() -> bytes:
    """Every channel of this package; made once, at the first asking."""
    import msgspec  # here, not above: nobody else needs what follows

    from adapters.asyncapi import build_document
    from functions import load_channels
    from lib import VERSION

    return msgspec.json.encode(build_document(load_channels(), VERSION))


endpoints = (
    Endpoint(
        method="GET",
        path="/asyncapi.json",
        request=AsyncapiRequest,
        reply=Annotated[Document, "application/json"],
        call=asyncapi,
        tag="Documentation",
        free=True,
        host="space",
    ),
)
handler = lambda_handler(*endpoints)
