"""What the service is measured against: a bare Starlette route, and a raw ASGI app."""

import json
import os
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
HEADERS = [
    (name.encode(), value.encode())
    for name, value in json.loads(os.environ.get("BENCH_HEADERS", "[]"))
]


async def answer(_request: Request) -> Response:
    """The same bytes, with Starlette's own two headers."""
    return Response(BODY, media_type="application/json")


starlette = Starlette(routes=[Route(path, answer) for path in ("/a", "/b", "/x")])


async def raw(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI
    """The same bytes with the same header lines, and nothing else."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
