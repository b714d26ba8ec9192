"""GET /: the market at work on one page, with all of its files under /static."""

import asyncio
import re
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

PAGE: Final = Path(__file__).resolve().parents[1] / "adapters" / "web" / "page"
CHARTS: Final = "lightweight-charts.js"
BANNER: Final = re.compile(r'\n  <aside id="sandbox".*</aside>')
SCRIPT: Final = "text/javascript; charset=utf-8"
KINDS: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.svg": "image/svg+xml",
    "theme.js": SCRIPT,
    "app.js": SCRIPT,
    "address.js": SCRIPT,
    "ask.js": SCRIPT,
    "provenance.js": SCRIPT,
    "words.js": SCRIPT,
    "live.js": SCRIPT,
    "market.js": SCRIPT,
    "chart.js": SCRIPT,
    "quote.js": SCRIPT,
    "canvas.js": SCRIPT,
    "fan.js": SCRIPT,
    "plain.js": SCRIPT,
    "search.js": SCRIPT,
    "forecast.js": SCRIPT,
    "panel.js": SCRIPT,
    "panels.js": SCRIPT,
    "sources.js": SCRIPT,
    CHARTS: SCRIPT,
}
"""The page's files: ours, and the chart library's as its package has it."""


class PageRequest(Request):
    """Nothing to choose."""


class PageAssetRequest(Request):
    """Which file."""

    asset: Annotated[str, Field(description="a file of the page", examples=["page.css"])]


async def page(request: PageRequest, ctx: Context) -> Document:  # noqa: ARG001
    """The live market, a chart with its forecast, news, mood, whales and the sources' state."""
    made_up = ctx.label("page") != "page"  # the sandbox marks whatever comes from it
    return html(await asyncio.to_thread(read_page, made_up=made_up))


async def page_asset(request: PageAssetRequest, ctx: Context) -> Document:  # noqa: ARG001
    """A file of the page at /."""
    body = await asyncio.to_thread(read_asset, request.asset)
    return Document(body, KINDS[request.asset], max_age_s=ASSET_AGE_S)


@cache
def read_page(*, made_up: bool) -> bytes:
    """The page, asking for its files by their version, and saying whether its market is made up.

    It is said from the first paint on: what came later would push the page down.
    """
    text = (PAGE / "page.html").read_text()
    return _versioned(text if made_up else BANNER.sub("", text)).encode()


@cache
def read_asset(name: str) -> bytes:
    """One of the page's files, its imports by their version.

    Raises:
        NotFound: the page has no such file, or the chart library is not installed.
    """
    if name not in KINDS:
        raise NotFound("The page has no such file")
    body = _raw(name)
    if body is None:
        raise NotFound("The chart library is not installed: make install")
    ours = KINDS[name] == SCRIPT and name != CHARTS
    return _versioned(body.decode()).encode() if ours else body


def _versioned(text: str) -> str:
    # a module's imports cannot be told otherwise: an import map would be an inline script
    for name in KINDS:
        for before in ("static/", "./"):
            text = text.replace(f'"{before}{name}"', f'"{before}{name}?v={_version()}"')
    return text


@cache
def _version() -> str:
    digest = blake2b(digest_size=6)
    for name in KINDS:
        digest.update(_raw(name) or b"")
    return digest.hexdigest()


def _raw(name: str) -> bytes | None:
    if name != CHARTS:
        return (PAGE / name).read_bytes()
    # found, not imported: only its script is wanted, and without it the page draws plainly
    spec = find_spec("lightweight_charts")
    if spec is None or spec.origin is None:
        return None
    return (Path(spec.origin).parent / "js" / CHARTS).read_bytes()


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
        ("/", PageRequest, Annotated[Document, "text/html"], page),
        (
            "/static/{asset}",
            PageAssetRequest,
            Annotated[Document, "text/css", "text/javascript", "image/svg+xml"],
            page_asset,
        ),
    )
)
handler = lambda_handler(*endpoints)
