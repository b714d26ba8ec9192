"""Behaviour of the comparison of a host's answers with the server's."""

import json
from typing import Any

import httpx
import pytest

from functions import load_endpoints
from rehearsal.comparison import hold, is_degraded

ENDPOINT = next(e for e in load_endpoints() if e.path == "/api/stats")


class Server:
    """Answers the same, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, _endpoint: object) -> httpx.Response:
        self.asked += 1
        return httpx.Response(200, content=answer())


def answer(*, degraded: bool = False, **fields: Any) -> bytes:
    attempt = {"source": "coingecko", "outcome": "ok", "ms": 1}
    meta = {"source": "coingecko", "sources_tried": [attempt], "degraded": degraded}
    return json.dumps({"success": True, "value": 1, "meta": meta} | fields).encode()


def held(*answers: tuple[int, bytes]) -> tuple[str, int]:
    """How a host that answers so differs, and how often the server was asked."""
    server, waiting = Server(), list(answers)
    found = hold(ENDPOINT, lambda: waiting.pop(0), server, again_s=0)  # type: ignore[arg-type]
    return found, server.asked


def test_the_same_answer_is_asked_for_once() -> None:
    assert held((200, answer())) == ("", 1)


def test_an_answer_that_lacked_a_part_may_have_it_later() -> None:
    late = answer(degraded=True, value=None)

    assert held((200, late), (200, answer())) == ("", 2)


@pytest.mark.parametrize(
    "other", [(200, answer(value=2)), (200, answer(degraded=True, value=None)), (500, b"{}")]
)
def test_what_differs_at_every_try_is_told(other: tuple[int, bytes]) -> None:
    found, asked = held(other, other, other)

    assert found
    assert asked == 3


@pytest.mark.parametrize(
    ("body", "degraded"),
    [
        (answer(), False),
        (answer(degraded=True), True),
        (b'{"meta":{"missing":{"a":"b"}}}', False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_an_answer_says_itself_that_it_lacks_something(body: bytes, degraded: bool) -> None:
    assert is_degraded(body) is degraded
