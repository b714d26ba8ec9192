"""Documents go out as they are; codings give back what went in."""

import asyncio
import gzip
import json
import threading

import pytest

from adapters.rendering import (
    ENCODERS,
    LARGE_REPLY,
    LEAST_COMPRESSED,
    render_document,
)
from lib.endpoint import Document
from tests.house import DECODERS, NOW_MS


def test_a_document_is_sent_as_it_is() -> None:
    page = Document(b"<p>hello", "text/html", 60, (("X-Frame-Options", "DENY"),), 203)

    made = render_document("page", page, NOW_MS, 300)

    assert (made.body, made.media_type, made.status) == (b"<p>hello", b"text/html", 203)
    assert made.headers == [(b"x-frame-options", b"DENY")]
    assert made.until_ms == NOW_MS + 60_000


def test_a_document_cannot_smuggle_a_header_line() -> None:
    page = Document(b"x", "text/plain", 60, (("Link", "</next>\r\nSet-Cookie: a=b"),))

    with pytest.raises(ValueError, match="line break"):
        render_document("page", page, NOW_MS, 300)


@pytest.mark.parametrize("coding", list(ENCODERS))
def test_every_coding_gives_the_body_back(coding: str) -> None:
    body = json.dumps([{"price": number / 7} for number in range(500)]).encode()

    packed = ENCODERS[coding](body)

    assert len(packed) < len(body) / 2
    assert DECODERS[coding](packed) == body


@pytest.mark.parametrize("coding", list(ENCODERS))
def test_the_same_body_is_always_packed_alike(coding: str) -> None:
    body = b"again and again " * LEAST_COMPRESSED

    assert ENCODERS[coding](body) == ENCODERS[coding](body)


async def test_a_large_reply_is_compressed_once_and_outside_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[int] = []

    def compress(body: bytes) -> bytes:
        threads.append(threading.get_ident())
        return gzip.compress(body, 1)

    monkeypatch.setitem(ENCODERS, "gzip", compress)
    large = Document(b"x" * (LARGE_REPLY + 1), "text/plain", 60)
    made = render_document("page", large, NOW_MS, 300)

    packed = await asyncio.gather(*(made.make("gzip") for _ in range(50)))

    assert {gzip.decompress(body) for body, _ in packed} == {large.body}
    assert len(threads) == 1
    assert threading.get_ident() not in threads
