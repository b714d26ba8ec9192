"""GET /docs: every endpoint on a page that can call it. All of its files are served from here."""

import asyncio
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from adapters.pages import ASSET_AGE_S, html
from lib.context import Context
from lib.endpoint import Document, Endpoint, Request
from lib.errors import NotFound

PAGE: Final = Path(__file__).resolve().parents[1] / "adapters" / "web" / "docs"
KINDS: Final = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
"""The page's files: those of ours, and those of Swagger UI as its package has them."""


class DocsRequest(Request):
    """Nothing to choose."""


class DocsAssetRequest(Request):
    """Which file."""

    asset: Annotated[str, Field(description="a file of the page", examples=["docs.css"])]


async def docs(request: DocsRequest, ctx: Context) -> Document:  # noqa: ARG001
    """Every endpoint on one page, to read about and to try."""
    return html(await asyncio.to_thread(page))


async def docs_asset(request: DocsAssetRequest, ctx: Context) -> Document:  # noqa: ARG001
    """A file of the page at /docs."""
    if request.asset not in KINDS:
        raise NotFound("The page has no such file")
    body = await asyncio.to_thread(read_asset, request.asset)
    return Document(body, KINDS[request.asset], max_age_s=ASSET_AGE_S)


@cache
def page() -> bytes:
    """The page, its files named by their digests."""
    text = (PAGE / "docs.html").read_text()
    for name in KINDS:
        digest = blake2b(read_asset(name), digest_size=6).hexdigest()
        text = text.replace(f'"docs/{name}"', f'"docs/{name}?v={digest}"')
    return text.encode()


def read_asset(name: str) -> bytes:
    """One of the page's files."""
    own = PAGE / name
    return (own if own.exists() else _swagger_ui() / name).read_bytes()


@cache
def _swagger_ui() -> Path:
    # found, not imported: only its files are wanted
    spec = find_spec("flask_swagger_ui")
    assert spec  # noqa: S101 - a pinned requirement of the server
    assert spec.origin  # noqa: S101 - a package has one
    return Path(spec.origin).parent / "dist"


endpoints = tuple(
    Endpoint(
        method="GET",
        path=path,
        request=request,
        reply=reply,
        call=call,
        tag="Documentation",
        free=True,
        host="space",
    )
    for path, request, reply, call in (
        ("/docs", DocsRequest, Annotated[Document, "text/html"], docs),
        (
            "/docs/{asset}",
            DocsAssetRequest,
            Annotated[Document, "text/css", "text/javascript", "image/png"],
            docs_asset,
        ),
    )
)
handler = lambda_handler(*endpoints)
