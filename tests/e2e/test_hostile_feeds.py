"""Outlets that mean ill, beside one that means well: the news of that one come all the same."""

import asyncio
import gzip
import time
import tracemalloc
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest

from functions.news_latest import NewsReply, news_latest
from lib.context import Context
from lib.feeds import OUTLETS
from lib.runtime import build_runtime
from lib.settings import Settings
from lib.views.articles import NewsRequest
from tests.lib.wire.test_feed_xml import BILLION_LAUGHS, EXTERNAL, PARAMETER, QUADRATIC

pytestmark = pytest.mark.anyio

MB = 1024 * 1024
GOOD = "rss_coindesk"
DATE = formatdate(time.time() - 3600, usegmt=True)


def feed(*titles: str, date: str = DATE, link: str = "https://a.example") -> bytes:
    """A feed with these titles."""
    rows = "".join(
        f"<item><title>{title}</title><link>{link}/{i}</link><pubDate>{date}</pubDate></item>"
        for i, title in enumerate(titles)
    )
    return f"<rss><channel>{rows}</channel></rss>".encode()


HOSTILE: dict[str, tuple[bytes, ...]] = {
    "billion laughs": (BILLION_LAUGHS,),
    "quadratic blow-up": (QUADRATIC,),
    "external entity": (EXTERNAL,),
    "parameter entity": (PARAMETER,),
    "50 MB": (feed("x" * 50 * MB),),
    "gzip bomb": (gzip.compress(bytes(100 * MB), 1), b"content-encoding: gzip"),
    "brotli": (b"\x00" * 100, b"content-encoding: br"),
    "html page": (b"<!DOCTYPE html><html><body>Just a moment...</body></html>",),
    "deep": (b"<rss>" + b"<a>" * MB,),
    "binary": (bytes(range(256)) * 400,),
    "1970": (feed("Old", date="Thu, 01 Jan 1970 00:00:00 +0000"),),
    "2099": (feed("New", date="Thu, 01 Jan 2099 00:00:00 +0000"),),
    "javascript links": (feed("Click", link="javascript:alert(1)"),),
    "nothing but scripts": (feed("&lt;script&gt;alert(1)&lt;/script&gt;"),),
}


class Upstream:
    """A server on loopback: the good outlet is itself, all others send the same hostile answer."""

    def __init__(self) -> None:
        self.hostile: tuple[bytes, ...] = (b"",)
        self.root = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        good = f"/{GOOD}/".encode() in request
        body, *headers = (feed("Bitcoin soars"),) if good else self.hostile
        lines = (b"HTTP/1.1 200 OK", b"connection: close", *headers)
        try:
            writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            await writer.drain()
            writer.close()
        except ConnectionError:
            pass


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    made = Upstream()
    server = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.root = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()
    await server.wait_closed()


async def read(upstream: Upstream) -> tuple[NewsReply, Context]:
    """The news that come of it."""
    runtime = build_runtime(
        Settings.load({f"{n.upper()}_BASE_URL": f"{upstream.root}/{n}" for n in OUTLETS}),
        names=OUTLETS,
    )
    ctx = runtime.context()
    try:
        return await news_latest(NewsRequest(language="all"), ctx), ctx
    finally:
        await runtime.aclose()


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_feed_is_skipped_and_the_others_are_unaffected(
    upstream: Upstream, kind: str
) -> None:
    upstream.hostile = HOSTILE[kind]

    reply, ctx = await read(upstream)

    assert [row.title for row in reply.news] == ["Bitcoin soars"]
    reasons = {ctx.missing[f"news[{name}]"] for name in OUTLETS if name != GOOD}
    assert reasons == {"malformed"}


async def test_memory_stays_bounded_while_eight_outlets_send_bombs(upstream: Upstream) -> None:
    upstream.hostile = HOSTILE["gzip bomb"]
    tracemalloc.start()

    await read(upstream)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 12 * MB


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (feed("Caf\xe9 pays").replace(b"\xc3\xa9", b"\xe9"), "Caf\xe9 pays"),
        (
            feed("Undeclared").replace(b"</item>", b"<media:thumbnail url='x'/></item>"),
            "Undeclared",
        ),
        (feed("<![CDATA[Ether<script>alert(1)</script> rises]]>"), "Ether rises"),
        (feed("AT&T & ether"), "AT&T & ether"),
    ],
    ids=["wrong charset", "undeclared prefix", "script in a title", "bare ampersand"],
)
async def test_what_can_be_cleaned_is_cleaned(upstream: Upstream, body: bytes, title: str) -> None:
    upstream.hostile = (body.replace(b"https://a.example", b"https://b.example"),)

    reply, ctx = await read(upstream)

    assert {row.title for row in reply.news} == {"Bitcoin soars", title}
    assert not any(path.startswith("news[rss") for path in ctx.missing)
