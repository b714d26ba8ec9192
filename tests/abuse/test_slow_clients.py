"""Clients that begin and never come to an end."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.http_protocol import HttpProtocol
from adapters.patience import ARRIVAL_S, PatientHttp
from tests.abuse.wire import Wire, get, serving, status_of


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers when the whole body has come; slowly where it is asked to."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(app) as made:
        yield made


def test_the_server_waits_a_stated_time_and_no_longer() -> None:
    assert issubclass(HttpProtocol, PatientHttp)
    assert HttpProtocol.arrival_s == ARRIVAL_S <= 30


def test_who_says_nothing_is_let_go(port: int) -> None:
    with Wire(port) as silent:
        assert silent.rest() == b""


def test_who_never_ends_the_headers_is_told_and_let_go(port: int) -> None:
    with Wire(port) as slow:
        slow.send(b"GET /health HTTP/1.1\r\nHost: test\r\nX-A: b\r\n")
        answer = slow.rest()

    assert status_of(answer) == 408
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "TIMEOUT"


def test_a_line_now_and_then_buys_no_time(port: int) -> None:
    began = time.monotonic()
    with Wire(port) as slow:
        slow.socket.settimeout(0.05)
        slow.send(b"GET /health HTTP/1.1\r\n")
        answer = b""
        while not answer and time.monotonic() - began < 5:
            slow.send(b"X-A: b\r\n")
            try:
                answer = slow.socket.recv(1024)
            except TimeoutError:
                continue

    assert status_of(answer) == 408


def test_a_body_that_does_not_come_is_not_waited_for(port: int) -> None:
    with Wire(port) as slow:
        slow.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345")
        answer = slow.rest()

    assert answer == b""


def test_the_second_request_of_a_connection_has_no_more_time_than_the_first(port: int) -> None:
    with Wire(port) as slow:
        slow.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: te")
        answer = slow.rest()

    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert answer.count(b"HTTP/1.1 408 ") == 1


def test_two_hundred_slow_ones_keep_nobody_else_waiting(port: int) -> None:
    slow = [Wire(port) for _ in range(200)]
    try:
        for wire in slow:
            wire.send(b"GET /health HTTP/1.1\r\nHost: test\r\n")
        answers = [status_of(get(port)) for _ in range(5)]
        ends = [status_of(wire.rest()) for wire in slow]
    finally:
        for wire in slow:
            wire.socket.close()

    assert answers == [200] * 5
    assert ends == [408] * 200
