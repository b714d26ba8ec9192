"""Callers who try to fill what is kept, or to put something into it for others."""

import os
from collections.abc import Iterable
from typing import Any

import pytest

from lib.limits import Limiter
from tests.conftest import StillClock
from tests.house import House
from tests.live import memory_kb

PRICE = "/api/price/BTC"


def held_kb() -> int:
    return memory_kb(os.getpid())


def sizes(value: Any) -> Iterable[int]:
    """How many entries the containers of a service's door hold, one level deep."""
    for part in vars(value).values():
        if isinstance(part, dict | set):
            yield len(part)
        elif hasattr(part, "__len__") and hasattr(part, "__dict__"):
            yield from sizes(part)


async def flood(house: House, numbers: Iterable[int]) -> None:
    """Ask for one price under that many query strings, in as few steps as a server would."""
    scope = {
        "type": "http", "method": "GET", "path": PRICE, "raw_path": PRICE.encode(), "headers": [],
        "root_path": "", "scheme": "http", "client": ("203.0.113.7", 1), "http_version": "1.1",
    }  # fmt: skip
    statuses = set()

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        statuses.add(message.get("status", 200))

    for number in numbers:
        await house.app({**scope, "query_string": b"x=%d" % number}, receive, send)
    assert statuses == {200}


async def test_a_hundred_thousand_query_strings_are_no_hundred_thousand_entries() -> None:
    async with House() as house:
        await flood(house, range(20_000))
        before_kb = held_kb()
        await flood(house, range(20_000, 100_000))
        grown_kb = held_kb() - before_kb
        entries = max(sizes(house.app._pantry))

    assert entries < 20_000
    assert grown_kb < 8 * 1024


async def test_a_flood_of_spellings_drives_out_no_answer() -> None:
    async with House() as house:
        await house.get(PRICE)
        calls = house.calls
        await flood(house, range(10_000))
        again = await house.get(PRICE)

    assert again.headers["x-cache"] == "hit"
    assert house.calls == calls


async def test_thousands_of_different_questions_leave_memory_bounded() -> None:
    async with House() as house:
        for number in range(300):
            await house.get(f"/api/price/QQ{number}")
        before_kb = held_kb()
        for number in range(300, 1_000):
            await house.get(f"/api/price/QQ{number}")
        grown_kb = held_kb() - before_kb

    assert grown_kb < 16 * 1024


def test_a_hundred_thousand_callers_are_no_hundred_thousand_windows() -> None:
    limiter = Limiter(StillClock(), most_callers=5_000)

    for number in range(100_000):
        limiter.take(f"198.51.{number >> 8}.{number & 255}", 10)

    assert len(limiter) <= 5_000


async def test_a_hundred_thousand_accept_encodings_make_three_bodies() -> None:
    async with House() as house:
        target = "/api/market?limit=20"
        await house.get(target)
        bodies = set()
        for number in range(2_000):
            answer = await house.get(target, accept_encoding=f"br;q=0.{number % 999:03}, x{number}")
            bodies.add(answer.body)

    assert len(bodies) <= 2


# poisoning: what one caller sends decides nothing that the next one is told

POISON = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher", "x-forwarded-port": "1"},
    {"forwarded": "host=evil.example;proto=http;for=evil"},
    {"x-original-url": "/api/usage", "x-rewrite-url": "/api/usage"},
    {"x-http-method-override": "DELETE", "x-method-override": "POST"},
    {"accept-encoding": "br", "accept": "application/problem+json"},
    {"accept-language": "evil", "user-agent": "<script>alert(1)</script>"},
    {"origin": "https://evil.example"},
    {"cookie": "session=evil", "authorization": "Bearer evil"},
    {"if-none-match": '"evil"', "range": "bytes=0-1"},
    {"x-request-id": "evil-evil-evil"},
    {"transfer-encoding": "evil", "content-length": "5"},
]
VARYING = {"x-request-id", "server-timing", "x-cache", "age", "date"}


def plain_part(answer: Any) -> tuple[Any, ...]:
    kept = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return answer.status, kept, answer.body


@pytest.mark.parametrize("headers", POISON, ids=lambda headers: next(iter(headers)))
@pytest.mark.parametrize("target", [PRICE, "/nowhere", "/api/market?limit=5", "/docs", "/"])
async def test_what_a_header_says_stays_with_its_sender(
    headers: dict[str, str], target: str
) -> None:
    async with House() as clean:
        await clean.get(target)
        expected = plain_part(await clean.get(target))
    async with House() as poisoned:
        evil = await poisoned.ask("GET", target, headers)
        told = plain_part(await poisoned.get(target))

    assert told == expected
    assert b"evil" not in told[2]
    sent_back = {name: value for name, value in evil.headers.items() if "evil" in value}
    assert set(sent_back) <= {"x-request-id", "access-control-allow-origin"}


@pytest.mark.parametrize("target", [PRICE, "/nowhere", "/api/market?limit=5"])
async def test_caches_are_told_what_an_answer_depends_on(target: str) -> None:
    async with House() as house:
        answer = await house.get(target, origin="https://a.example", accept_encoding="br")

    varies = {name.strip().lower() for name in answer.headers["vary"].split(",")}
    assert "origin" in varies
    assert "accept-encoding" in varies or answer.headers["cache-control"] == "no-store"


async def test_a_spelling_in_a_parameter_is_part_of_the_key() -> None:
    async with House() as house:
        few = await house.get("/api/market?limit=2")
        more = await house.get("/api/market?limit=2&limit=3")
        again = await house.get("/api/market?limit=2")

    assert len(few.json["items"]) == len(again.json["items"]) == 2
    assert len(more.json["items"]) == 3


async def test_an_error_is_kept_for_nobody() -> None:
    async with House(faults={"binance": "503"}) as house:
        bad = await house.get("/api/price/BTC?convert=nope!")
        good = await house.get(PRICE)

    assert bad.status == 400
    assert bad.headers["cache-control"] == "no-store"
    assert good.status == 200
