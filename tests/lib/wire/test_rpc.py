"""One answer from one of several hosts, and what hosts say with status 200."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
)
from lib.wire.rpc import Hosts, Node, parse_quantity, parse_result, quantity
from tests.conftest import StillClock

pytestmark = pytest.mark.anyio

Host = Callable[[str], Any]


def hosts(*answers: Host, chain_id: int = 1) -> tuple[Hosts, list[str]]:
    """Hosts `http://0`, `http://1`, …: each answers a method with a result, a status or an
    exception; and the list of what they were asked."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        method = json.loads(request.content)["method"]
        asked.append(f"{request.url.host} {method}")
        said = answers[int(request.url.host)](method)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, int):
            return httpx.Response(said)
        return httpx.Response(200, json=said)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    addresses = ",".join(f"http://{n}" for n in range(len(answers)))
    return Hosts(client, StillClock(), addresses, chain_id), asked


def well(method: str) -> Any:
    return {"result": "0x1" if method == "eth_chainId" else "0x2a"}


def saying(said: Any) -> Host:
    return lambda method: well(method) if method == "eth_chainId" else said


async def height(node: Node) -> int:
    return parse_quantity(await node.call("eth_blockNumber"))


async def test_the_first_host_that_is_well_answers() -> None:
    some, asked = hosts(well, well)

    assert await some.ask(height) == 42
    assert asked == ["0 eth_chainId", "0 eth_blockNumber"]


async def test_a_hosts_chain_is_verified_once() -> None:
    some, asked = hosts(well)

    await some.ask(height)
    await some.ask(height)

    assert asked == ["0 eth_chainId", "0 eth_blockNumber", "0 eth_blockNumber"]


async def test_a_host_of_another_chain_is_passed_over() -> None:
    other = lambda _: {"result": "0x38"}  # noqa: E731 - a whole host in a line

    some, asked = hosts(other, well)

    assert await some.ask(height) == 42
    assert "0 eth_blockNumber" not in asked


FAILURES = [
    500,
    429,
    403,
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    {"result": None},
    {},
    [],
    "rate limit exceeded",
    {"error": "internal error"},
    {"error": {"code": -32005, "message": "limit exceeded"}},
    {"error": {"code": -32000, "message": "header not found"}, "result": None},
    {"result": "NOTOK"},
    {"result": 42},
]


@pytest.mark.parametrize("said", FAILURES, ids=str)
async def test_a_failure_leads_to_the_next_host(said: Any) -> None:
    some, _ = hosts(saying(said), well)

    assert await some.ask(height) == 42


async def test_the_host_that_answered_last_is_asked_first() -> None:
    some, asked = hosts(saying(500), well)
    await some.ask(height)
    asked.clear()

    await some.ask(height)

    assert asked == ["1 eth_blockNumber"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (429, SourceThrottled),
        (403, SourceGeoBlocked),
        ({"error": {"code": 429, "message": "x"}}, SourceThrottled),
        ({"result": "no number"}, SourceMalformed),
        (500, SourceUnavailable),
    ],
)
async def test_hosts_that_fail_alike_fail_as_one(said: Any, kind: type[SourceError]) -> None:
    some, _ = hosts(saying(said), saying(said))

    with pytest.raises(kind):
        await some.ask(height)


async def test_hosts_that_fail_differently_are_unavailable_and_not_named() -> None:
    some, _ = hosts(saying(429), saying({"result": None}))

    with pytest.raises(SourceUnavailable, match="2 hosts: throttled, unavailable"):
        await some.ask(height)


async def test_an_answer_never_mixes_hosts() -> None:
    answers = iter(["0x1", None])

    def fails_halfway(method: str) -> Any:
        return {"result": "0x1" if method == "eth_chainId" else next(answers)}

    async def twice(node: Node) -> list[int]:
        return [await height(node), await height(node)]

    some, _ = hosts(fails_halfway, well)

    assert await some.ask(twice) == [42, 42]


@pytest.mark.parametrize("text", ["", "0x", "1", "0xg", "0x" + "1" * 65, "0x-1", "0x_1", "x01"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(SourceMalformed):
        quantity(text)


def test_quantities_of_256_bits_are_read() -> None:
    assert quantity("0x" + "f" * 64) == 2**256 - 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"7", b'{"result":'])
def test_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse_result(body)
