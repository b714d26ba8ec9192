"""How long a document that is no reply is kept."""

from typing import Any

from lib.endpoint import Document
from tests.adapters.front_door.probe import KEY, KEYS, Nothing, endpoint
from tests.house import House


async def test_a_document_without_an_age_is_kept_as_the_setting_says() -> None:
    async def probe(request: Nothing, ctx: Any) -> Document:
        return Document(b"{}", "application/json", None)

    async with House(endpoints=[endpoint(probe)], settings={"CACHE_TTL_DEFAULT": "77"}) as house:
        answer = await house.get("/probe")

    assert answer.max_age == 77


async def test_a_document_of_no_age_is_kept_by_nobody() -> None:
    async def probe(request: Nothing, ctx: Any) -> Document:
        return Document(b"hello", "text/plain")

    async with House(endpoints=[endpoint(probe)]) as house:
        answer = await house.get("/probe")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == b"hello"


async def test_what_needs_a_key_is_never_kept_at_the_door() -> None:
    async def probe(request: Nothing, ctx: Any) -> Document:
        return Document(b"for your eyes only", "text/plain", 60)

    async with House(endpoints=[endpoint(probe, auth="key")], settings=KEYS) as house:
        seen = await house.get("/probe", authorization=f"Bearer {KEY}")
        other = await house.get("/probe")

    assert (seen.status, other.status) == (200, 401)
