"""From a body to a JSON object: which are read, which refused, and how much of them."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asking import LARGEST_BODY, read_body
from lib.errors import ApiError, InvalidParameter, PayloadTooLarge, UnsupportedMediaType


class Wire:
    """A request's body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.read = 0

    async def receive(self) -> dict[str, Any]:
        self.read += 1
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}


async def body_of(
    *pieces: bytes,
    headers: Iterable[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),),
) -> dict[str, Any]:
    """What is read from a body."""
    return await read_body(dict(headers), Wire(*pieces).receive)


async def test_a_json_object_is_read() -> None:
    assert await body_of(b'{"symbol": "BTC", "limit": 5}') == {"symbol": "BTC", "limit": 5}


async def test_a_body_may_come_in_pieces() -> None:
    assert await body_of(b'{"symbol', b'": "B', b"", b'TC"}') == {"symbol": "BTC"}


@pytest.mark.parametrize("body", [b"", b"  \r\n\t "])
async def test_an_empty_body_is_an_empty_object(body: bytes) -> None:
    assert await body_of(body) == {}


@pytest.mark.parametrize(
    "kind",
    [
        b"application/json",
        b"application/json; charset=utf-8",
        b"Application/JSON",
        b" application/json ",
        b"application/ld+json",
    ],
)
async def test_json_under_its_names_is_read(kind: bytes) -> None:
    assert await body_of(b'{"a":1}', headers=[(b"content-type", kind)]) == {"a": 1}


async def test_no_content_type_is_read_as_json() -> None:
    assert await body_of(b'{"a":1}', headers=[]) == {"a": 1}
    assert await body_of(b'{"a":1}', headers=[(b"content-type", b"")]) == {"a": 1}


@pytest.mark.parametrize(
    "kind",
    [
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=x",
        b"application/xml",
        b"json",
        b"application/jsonp",
        b"\xff\x00",
    ],
)
async def test_another_content_type_is_refused(kind: bytes) -> None:
    with pytest.raises(UnsupportedMediaType) as refusal:
        await body_of(b'{"a":1}', headers=[(b"content-type", kind)])

    assert refusal.value.details["content_type"].isprintable()


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"zstd", b"deflate", b"x"])
async def test_an_encoded_body_is_refused(coding: bytes) -> None:
    with pytest.raises(UnsupportedMediaType):
        await body_of(b"{}", headers=[(b"content-encoding", coding)])


@pytest.mark.parametrize("coding", [b"identity", b"Identity", b""])
async def test_a_plain_body_may_say_so(coding: bytes) -> None:
    assert await body_of(b'{"a":1}', headers=[(b"content-encoding", coding)]) == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"[1,2]",
        b'"text"',
        b"5",
        b"null",
        b"true",
        b"{",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":1}garbage',
        b"not json",
        b"\xff\xfe{}",
        b'{"a":"\xff"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 60_000,
        b"{}{}",
    ],
)
async def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        await body_of(body)

    assert refusal.value.details["fields"][0]["field"] == "body"


async def test_a_body_of_64_kib_is_read() -> None:
    body = b'{"a":"' + b"x" * (LARGEST_BODY - 8) + b'"}'

    assert len(body) == LARGEST_BODY
    assert len((await body_of(body))["a"]) == LARGEST_BODY - 8


async def test_a_byte_more_is_refused_when_it_is_announced() -> None:
    wire = Wire(b"{}")
    headers = {b"content-length": str(LARGEST_BODY + 1).encode()}

    with pytest.raises(PayloadTooLarge):
        await read_body(headers, wire.receive)

    assert wire.read == 0


async def test_a_byte_more_is_refused_when_it_is_not_announced() -> None:
    wire = Wire(*[b"x" * 1024] * 1000)

    with pytest.raises(PayloadTooLarge) as refusal:
        await read_body({}, wire.receive)

    assert wire.read == 65
    assert refusal.value.details == {"limit_bytes": 65536}


async def test_a_caller_who_hangs_up_is_not_waited_for() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    assert await read_body({}, gone) == {}


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        read = asyncio.run(body_of(body))
    except ApiError:
        return
    assert isinstance(read, dict)
