"""A reply as bytes: encoded once, compressed once, sent many times."""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import brotli
import msgspec
import zstandard

from lib.context import Context
from lib.endpoint import Document, Endpoint, Provenance

LEAST_COMPRESSED = 600
LARGE_REPLY: Final = 128 * 1024
"""Replies above this are compressed in a thread: gzip takes a millisecond for 50 KB."""
RECHECK_MS = 1000  # a stale answer's bytes are sent this long before the highway is asked again

_encode = msgspec.json.Encoder().encode

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdCompressor(level=3).compress(body),
    "br": lambda body: bytes(brotli.compress(body, quality=4)),
    "gzip": lambda body: gzip.compress(body, compresslevel=5, mtime=0),
}
"""By preference: about equal in size, zstd by far the cheapest to make."""

Headers = list[tuple[bytes, bytes]]


class Lines(NamedTuple):
    """Header lines, as ASGI wants them and as they stand on the wire."""

    pairs: Headers
    wire: bytes


def lines_of(pairs: Headers) -> Lines:
    """Join header lines, once for many answers.

    Raises:
        ValueError: a line break in one of them.
    """
    wire = b"".join([b"%b: %b\r\n" % pair for pair in pairs])
    if wire.count(b"\n") != len(pairs) or wire.count(b"\r") != len(pairs):
        raise ValueError("a header line has a line break in it")
    return Lines(pairs, wire)


NO_LINES: Final = Lines([], b"")


@dataclass(slots=True)
class Rendered:
    """The bytes of one answer, with what its headers need to know.

    Attributes:
        until_ms: the bytes may be sent until then without asking the highway.
        fresh_until_ms: where `Cache-Control` counts down to; 0 for what no cache may keep.
        stale: the value was past its freshness when this was rendered.
    """

    body: bytes
    media_type: bytes
    etag: bytes
    headers: Headers
    until_ms: int = 0
    fetched_ms: int = 0
    fresh_until_ms: int = 0
    stale_s: int = 0
    keep_s: int = 0
    stale: bool = False
    fetched_now: bool = False
    timing: bytes = b""
    status: int = 200
    name: str = ""
    _variants: dict[str | None, tuple[bytes, Lines]] = field(default_factory=dict)
    _packing: dict[str, asyncio.Task[bytes]] = field(default_factory=dict)
    _dated: Lines = NO_LINES
    _dated_for: tuple[int, int, bool] = (-1, -1, False)

    def is_good(self, now_ms: int) -> bool:
        """Whether the bytes may be sent: not if they were made in the future, which means that
        the clock was set back since and their time would not run out for as long."""
        return self.fetched_ms <= now_ms < self.until_ms

    def made(self, coding: str | None) -> tuple[bytes, Lines] | None:
        """The body in one content coding (`None`: plain) and the headers that go with it, if
        somebody has asked for them before."""
        return self._variants.get(coding)

    async def make(self, coding: str | None) -> tuple[bytes, Lines]:
        """Make them and keep them; however many ask at once, they are made once."""
        body = await self._packed(coding) if coding else self.body
        headers = [(b"content-length", b"%d" % len(body))]
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        made = self._variants[coding] = (body, lines_of(headers))
        return made

    async def _packed(self, coding: str) -> bytes:
        if len(self.body) <= LARGE_REPLY:
            return ENCODERS[coding](self.body)
        if coding not in self._packing:
            work = asyncio.to_thread(ENCODERS[coding], self.body)
            self._packing[coding] = asyncio.create_task(work)
        return await asyncio.shield(self._packing[coding])  # an asker who leaves stops nobody's

    def dated(self, now_ms: int, *, first: bool) -> Lines:
        """The headers that say what this is and how old it is now; they change once a second.

        Args:
            first: this request had it rendered, so that it may be a miss.
        """
        age_s = max(0, (now_ms - self.fetched_ms) // 1000)
        left_s = max(0, (self.fresh_until_ms - now_ms + 999) // 1000)
        if self._dated_for != (age_s, left_s, first):
            self._dated_for = (age_s, left_s, first)
            self._dated = lines_of(self._date(age_s, left_s, missed=first and self.fetched_now))
        return self._dated

    def _date(self, age_s: int, left_s: int, *, missed: bool) -> Headers:
        headers = [
            (b"content-type", self.media_type),
            (b"etag", self.etag),
            (b"vary", b"Accept-Encoding, Origin"),
            *self.headers,
        ]
        if self.fresh_until_ms:
            told = (left_s, self.stale_s, self.keep_s)
            headers += [
                (b"age", b"%d" % age_s),
                (
                    b"cache-control",
                    b"public, max-age=%d, stale-while-revalidate=%d, stale-if-error=%d" % told,
                ),
            ]
        else:
            headers.append((b"cache-control", b"no-store"))
        if self.fetched_ms:
            state = self.state(missed=missed).encode()
            timing = b'cache;desc="%s"' % state
            if missed and self.timing:
                timing += b", " + self.timing
            headers += [(b"x-cache", state), (b"server-timing", timing)]
        return headers

    def state(self, *, missed: bool) -> str:
        """`hit`, `stale` or `miss`."""
        return "stale" if self.stale else "miss" if missed else "hit"


def render(endpoint: Endpoint, reply: Any, ctx: Context, asked_ms: int, now_ms: int) -> Rendered:
    """Encode a reply and everything of its provenance that does not change.

    Args:
        asked_ms: when the request began; a value fetched since then counts as a miss.
    """
    provenance = ctx.provenance(endpoint.feeds) if ctx.parts else None
    body = _encode(reply)
    if provenance and body.startswith(b"{"):
        body = body[:-1] + b',"meta":' + _encode(provenance) + b"}"
    rendered = Rendered(
        body=body,
        media_type=b"application/json",
        etag=_etag(body),
        headers=[],
        name=endpoint.name,
    )
    if provenance:
        _date(rendered, endpoint, ctx, provenance, asked_ms, now_ms)
    return rendered


def _date(
    rendered: Rendered,
    endpoint: Endpoint,
    ctx: Context,
    provenance: Provenance,
    asked_ms: int,
    now_ms: int,
) -> None:
    fresh_until = provenance.fresh_until
    rendered.headers.append((b"x-source", provenance.source.encode()))
    rendered.fetched_ms = provenance.fetched_at
    rendered.stale = fresh_until <= now_ms
    rendered.fetched_now = any(part.sourced.fetched_ms >= asked_ms for part in ctx.parts)
    rendered.timing = b", ".join(
        f"{attempt.source};desc={attempt.outcome};dur={attempt.ms}".encode()
        for attempt in provenance.sources_tried
    )
    lead = ctx.lead(endpoint.feeds)
    if endpoint.cached and lead:
        rendered.fresh_until_ms = fresh_until
        rendered.until_ms = now_ms + RECHECK_MS if rendered.stale else fresh_until
        feed = lead.feed
        rendered.stale_s = round(feed.stale_s - feed.fresh_s)
        rendered.keep_s = round(feed.keep_s - feed.fresh_s)


def render_document(name: str, document: Document, now_ms: int, default_age_s: int) -> Rendered:
    """A document as it is; one that states no age may be kept for `default_age_s`.

    Raises:
        ValueError: a line break in one of its headers.
    """
    age_s = default_age_s if document.max_age_s is None else document.max_age_s
    age_ms = age_s * 1000
    return Rendered(
        body=document.body,
        media_type=document.media_type.encode(),
        etag=_etag(document.body),
        headers=lines_of([(k.lower().encode(), v.encode()) for k, v in document.headers]).pairs,
        until_ms=now_ms + age_ms if age_ms else 0,
        fetched_ms=now_ms,
        fresh_until_ms=now_ms + age_ms if age_ms else 0,
        status=document.status,
        name=name,
    )


def _etag(body: bytes) -> bytes:
    """Weak, because one value's codings share it."""
    return b'W/"' + blake2b(body, digest_size=9).hexdigest().encode() + b'"'
