"""GET /openapi.json: every endpoint, for programs that read such documents and for /docs."""

import asyncio
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Document, Endpoint, Request

ROOT: Final = Path(__file__).resolve().parents[1]
READY: Final = ROOT / "openapi.json"
"""The document made ahead, where this file is alone: in its Lambda's zip."""


class OpenapiRequest(Request):
    """Nothing to choose."""


async def openapi(request: OpenapiRequest, ctx: Context) -> Document:  # noqa: ARG001
    """This service as an OpenAPI 3.1 document."""
    body = await asyncio.to_thread(document)
    return Document(body, "application/json", max_age_s=None)


@cache
def document() -> bytes:
    """Every endpoint of this package as an OpenAPI document; made once, at the first asking."""
    if READY.exists():
        return READY.read_bytes()
    import msgspec  # here, not above: nobody else needs what follows

    from adapters.openapi.document import build_document
    from functions import load_channels, load_endpoints
    from lib import VERSION

    examples = {
        file.stem: msgspec.json.decode(file.read_bytes())
        for file in (ROOT / "docs" / "examples").glob("*.json")
    }
    made = build_document(load_endpoints(), VERSION, examples, load_channels())
    return msgspec.json.encode(made)


endpoints = (
    Endpoint(
        method="GET",
        path="/openapi.json",
        request=OpenapiRequest,
        reply=Annotated[Document, "application/json"],
        call=openapi,
        tag="Documentation",
        free=True,
        timeout_s=10,  # the first asking has it made
    ),
)
handler = lambda_handler(*endpoints)
