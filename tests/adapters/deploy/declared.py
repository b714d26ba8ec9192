"""Where the project is, and endpoints to declare."""

from pathlib import Path
from typing import Any

from lib.endpoint import Endpoint, Reply, Request
from lib.errors import NotFound

ROOT = Path(__file__).parents[3]


async def _nobody(request: Request, ctx: object) -> Reply:
    raise NotFound("never asked")


def declare(path: str, method: Any = "GET", **options: Any) -> Endpoint:
    """An endpoint of no other use."""
    return Endpoint(method=method, path=path, request=Request, reply=Reply, call=_nobody, **options)
