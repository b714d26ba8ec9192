"""The real server on the wire: what its HTTP parser lets through, and what it does with it."""

import json
import socket
import time
from collections.abc import Iterator
from hashlib import sha256

import pytest

from tests.service import LOGS, running_service

KEY = "dm_a-key-of-the-tests"
CANARIES = {
    "COINGECKO_API_KEY": "canary-of-coingecko",
    "NEWSAPI_KEY": "canary-of-newsapi",
    "HF_TOKEN": "canary-of-hf",
    "ETHERSCAN_KEY": "canary-of-etherscan",
    "CRYPTOPANIC_KEY": "canary-of-cryptopanic",
}


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """The server over the sandbox, with a secret in every setting that takes one lightly."""
    keys = f"tester:{sha256(KEY.encode()).hexdigest()}"
    with running_service(
        "--upstream", "sandbox", RATE_LIMIT_IP="0", TRUSTED_PROXIES="1", API_KEYS=keys,
        DEBUG="true", MAX_WORKERS="2", **CANARIES,
    ) as address:  # fmt: skip
        yield address


class Wired:
    """An answer, byte by byte."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.lower().split(b": ", 1) for line in lines)


def send(root: str, request: bytes) -> Wired:
    """Send bytes, read until the server closes."""
    host, _, port = root.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(request)
        pieces = []
        while piece := wire.recv(65536):
            pieces.append(piece)
    return Wired(b"".join(pieces))


def ask(root: str, target: bytes, *headers: bytes, method: bytes = b"GET") -> Wired:
    """One request on a connection of its own."""
    lines = [b"%b %b HTTP/1.1" % (method, target), b"Host: test", b"Connection: close", *headers]
    return send(root, b"\r\n".join(lines) + b"\r\n\r\n")


def test_a_price_comes_with_the_headers_of_the_contract(root: str) -> None:
    answer = ask(root, b"/api/price/BTC", b"Origin: https://a.example")

    promised = b"x-source age x-cache cache-control etag server-timing x-request-id vary".split()
    assert answer.status == 200
    assert set(promised) <= set(answer.headers)
    assert answer.headers[b"access-control-allow-origin"] == b"https://a.example"
    assert b"server" not in answer.headers
    assert json.loads(answer.body)["meta"]["sandbox"] is True


def test_head_sends_a_length_but_no_body(root: str) -> None:
    got = ask(root, b"/health/live")

    head = ask(root, b"/health/live", method=b"HEAD")

    assert (head.status, head.body) == (200, b"")
    assert int(head.headers[b"content-length"]) == len(got.body)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/api/price/%zz", 400),
        (b"/api/price/%ff", 400),
        (b"/api/price/BTC%0d%0aX-Evil:%201", 400),
        (b"/api/price/BTC%00", 400),
        (b"/api/market?limit=%zz", 400),
        (b"/api/market?x=" + b"a" * 10_000, 414),
        (b"/nowhere", 404),
        (b"//api//price//BTC", 404),
    ],
)
def test_bad_targets_get_the_envelope(root: str, target: bytes, status: int) -> None:
    answer = ask(root, target)

    assert answer.status == status
    assert json.loads(answer.body)["success"] is False
    assert b"x-evil" not in answer.headers


def test_a_request_line_of_a_megabyte_does_not_bring_it_down(root: str) -> None:
    answer = ask(root, b"/api/market?x=" + b"a" * 1_000_000)

    assert answer.status in (400, 414)
    assert ask(root, b"/health/live").status == 200


def test_what_is_no_http_is_refused(root: str) -> None:
    assert send(root, b"HELLO\r\n\r\n").status == 400
    assert ask(root, b"/health/live").status == 200


def test_a_body_that_lies_about_its_length_is_refused(root: str) -> None:
    head = b"POST /api/admin/cache/purge HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
    key = b"X-API-Key: " + KEY.encode() + b"\r\n"

    large = send(root, head + key + b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000)
    chunks = b"".join(b"1000\r\n" + b"x" * 4096 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
    chunked = send(root, head + key + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)

    assert (large.status, chunked.status) == (413, 413)


def test_a_preflight_is_cheap(root: str) -> None:
    answer = ask(
        root,
        b"/api/price/BTC",
        b"Origin: https://a.example",
        b"Access-Control-Request-Method: GET",
        method=b"OPTIONS",
    )

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers[b"access-control-max-age"] == b"86400"


def test_a_connection_is_kept_for_the_next_request(root: str) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n"
    last = b"GET /nowhere HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"

    answer = send(root, one + one + last)

    assert answer.body.count(b"HTTP/1.1 200 OK") == 1
    assert b"HTTP/1.1 404 Not Found" in answer.body


def test_nobody_forges_an_address_past_the_proxy() -> None:
    with running_service(
        "--upstream", "sandbox", RATE_LIMIT_IP="2", TRUSTED_PROXIES="0"
    ) as address:
        statuses = [
            ask(address, b"/nowhere", b"X-Forwarded-For: 198.51.100.%d" % n).status
            for n in range(3)
        ]

    assert statuses == [404, 404, 429]


def test_no_secret_and_no_control_character_is_in_the_log(root: str) -> None:
    ask(root, b"/api/price/%1b%5b31m", b"Authorization: Bearer canary-of-a-caller")
    ask(root, b"/api/usage", b"X-API-Key: " + KEY.encode())
    ask(root, b"/api/news/latest")
    time.sleep(0.1)

    port = root.rpartition(":")[2]
    log = (LOGS / f"service-{port}.log").read_text()
    assert "server.starting" in log
    assert "canary" not in log
    assert KEY not in log
    assert all(line.isprintable() for line in log.splitlines())
