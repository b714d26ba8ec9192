"""Heads of requests that are too large, or mean one thing to one server and another to the next."""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.patience import LARGEST_HEAD, MOST_HEADERS
from tests.abuse.wire import Wire, get, serving, status_of, told

seen: list[tuple[str, bytes]] = []


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Remembers what it was asked, and with which body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    seen.append((scope["path"], body))
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(app) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def lines(*more: bytes, first: bytes = b"GET / HTTP/1.1") -> bytes:
    return b"\r\n".join((first, b"Host: test", b"Connection: close", *more, b"", b""))


# header bombs


def test_headers_without_end_are_refused(port: int) -> None:
    with Wire(port) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: test\r\n")
        for _ in range(4 * LARGEST_HEAD // 1024):
            wire.send(b"X-A: " + b"a" * 1017 + b"\r\n")
        answer = wire.rest()

    assert status_of(answer) in (400, 431)
    assert seen == []


def test_one_header_without_end_is_refused(port: int) -> None:
    answer = told(port, b"GET / HTTP/1.1\r\nHost: test\r\nX-A: " + b"a" * 4 * LARGEST_HEAD)

    assert status_of(answer) == 431
    assert seen == []


def test_a_target_without_end_is_refused(port: int) -> None:
    answer = told(port, b"GET /" + b"a" * 4 * LARGEST_HEAD)

    assert status_of(answer) == 414


def test_more_headers_than_anybody_sends_are_refused(port: int) -> None:
    usual = told(port, lines(*[b"X-A: b"] * (MOST_HEADERS - 2)))
    many = told(port, lines(*[b"X-A: b"] * (MOST_HEADERS - 1)))

    assert (status_of(usual), status_of(many)) == (200, 400)


def test_after_a_bomb_others_are_served(port: int) -> None:
    told(port, b"GET /" + b"a" * 20 * LARGEST_HEAD)

    assert status_of(get(port)) == 200


# smuggling: each of these is one request to us, or none


@pytest.mark.parametrize(
    "more",
    [
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        (b"Content-Length: 5", b"Content-Length: 6"),
        (b"Content-Length: 5, 6",),
        (b"Content-Length: +5",),
        (b"Content-Length: 0x5",),
        (b"Content-Length: -1",),
        (b"Content-Length : 5",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding : chunked",),
        (b"X-A: b\r\n Content-Length: 5",),
        (b"X-A: b\nX-B: c",),
        (b"X-A: b\rX-B: c",),
        (b"X-\x00A: b",),
        (b"X A: b",),
        (b": b",),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(more: tuple[bytes, ...], port: int) -> None:
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"

    answer = told(port, lines(*more, first=b"POST /first HTTP/1.1") + smuggled)

    assert "/smuggled" not in [path for path, _ in seen]
    assert answer.count(b"HTTP/1.1 200 OK") == 0
    assert status_of(answer) == 400


def test_a_chunk_that_lies_about_its_size_is_refused(port: int) -> None:
    head = lines(b"Transfer-Encoding: chunked", first=b"POST /first HTTP/1.1")

    for chunks in (b"-1\r\na\r\n0\r\n\r\n", b"zz\r\na\r\n0\r\n\r\n", b"fffffffffffffffff\r\na\r\n"):
        answer = told(port, head + chunks)
        assert answer.count(b"HTTP/1.1 200 OK") == 0

    assert seen == [] or all(path == "/first" for path, _ in seen)


def test_bytes_behind_a_closed_request_are_nobodys(port: int) -> None:
    told(port, lines() + b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n")

    # a request of the test before may be given up only now
    assert [path for path, _ in seen if path != "/first"] == ["/"]


def test_a_body_on_a_get_is_no_second_request(port: int) -> None:
    inner = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"

    told(port, lines(b"Content-Length: %d" % len(inner)) + inner)

    # a request of the test before may be given up only now
    assert [path for path, _ in seen if path != "/first"] == ["/"]
