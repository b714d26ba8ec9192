"""Answers without a body: 304 for who has it already, and HEAD."""

from typing import Any

import pytest

from lib.endpoint import Reply
from tests.adapters.front_door.probe import MARKET, PRICE, Nothing, endpoint
from tests.house import House


async def test_if_none_match_spares_the_body(house: House) -> None:
    first = await house.get(PRICE)

    again = await house.get(PRICE, if_none_match=first.headers["etag"])

    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert "content-length" not in again.headers
    assert "content-encoding" not in again.headers


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*", " * "])
async def test_a_tag_matches_in_a_list_and_as_a_star(house: House, form: str) -> None:
    tag = (await house.get(PRICE)).headers["etag"]

    assert (await house.get(PRICE, if_none_match=form.format(tag))).status == 304


async def test_a_tag_matches_without_its_weakness(house: House) -> None:
    tag = (await house.get(PRICE)).headers["etag"]

    assert tag.startswith('W/"')
    assert (await house.get(PRICE, if_none_match=tag.removeprefix("W/"))).status == 304


@pytest.mark.parametrize("stated", ['"other"', "", "W/", '""', "garbage"])
async def test_another_tag_gets_the_body(house: House, stated: str) -> None:
    await house.get(PRICE)

    assert (await house.get(PRICE, if_none_match=stated)).status == 200


async def test_a_post_is_never_answered_with_304() -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        return Reply()

    async with House(endpoints=[endpoint(probe, method="POST")]) as house:
        tag = (await house.post("/probe", {})).headers["etag"]

        assert (await house.post("/probe", {}, if_none_match=tag)).status == 200


@pytest.mark.parametrize(
    "target", [PRICE, MARKET, "/health", "/api/providers", "/nowhere", "/api/price/!"]
)
async def test_head_is_get_without_the_body(house: House, target: str) -> None:
    got = await house.get(target, accept_encoding="gzip")

    head = await house.ask("HEAD", target, {"accept-encoding": "gzip"})

    own = {"x-request-id", "x-cache", "server-timing"}
    assert head.body == b""
    assert head.status == got.status
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in got.headers.items() if k not in own
    }


async def test_a_cold_head_is_answered_like_a_get(house: House) -> None:
    head = await house.ask("HEAD", PRICE)

    assert (head.status, head.body, head.headers["x-cache"]) == (200, b"", "miss")
