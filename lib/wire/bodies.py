"""An upstream's body, read in pieces and never past a cap, however well it was compressed."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Final

import httpx

from lib.errors import SourceMalformed

LARGE_BODY: Final = 256 * 1024
"""Bodies above this are decoded in a thread: the event loop never stops for 10 ms."""

ENCODINGS: Final = "gzip"
"""What we ask for: a coding whose output can be taken in bounded pieces."""

_PIECE: Final = 64 * 1024


async def read_body(response: httpx.Response, most: int) -> bytes:
    """The decoded body, at most `most` bytes; others run in between.

    Raises:
        SourceMalformed: it is larger, breaks off, or comes in a coding that was not asked for.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in _decoded(response):
        size += len(piece)
        if size > most:
            raise SourceMalformed("the body is larger than any documented one")
        pieces.append(piece)
        if size > LARGE_BODY:
            await asyncio.sleep(0)
    return b"".join(pieces)


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    if response.is_stream_consumed:  # a transport in memory has read it already
        yield response.content
        return
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        async for piece in response.aiter_raw():
            yield piece
    elif coding in ("gzip", "x-gzip"):
        async for piece in _inflated(response):
            yield piece
    else:
        raise SourceMalformed("the body comes in a coding that was not asked for")


async def _inflated(response: httpx.Response) -> AsyncIterator[bytes]:
    # a thousandfold is possible: never more than a piece at once
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        async for raw in response.aiter_raw():
            rest = raw
            while rest and not inflate.eof:
                yield inflate.decompress(rest, _PIECE)
                rest = inflate.unconsumed_tail
    except zlib.error:
        raise SourceMalformed("the body is no gzip") from None
    if not inflate.eof:
        raise SourceMalformed("the body breaks off")
