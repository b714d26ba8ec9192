"""Who a caller is: an address, behind proxies or not, or the holder of a key."""

import pytest

from tests.adapters.front_door.probe import KEY, KEYS, PRICE
from tests.house import House


async def test_one_caller_does_not_use_up_the_limit_of_another() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        first = await house.ask("GET", PRICE, peer="198.51.100.1")
        second = await house.ask("GET", PRICE, peer="198.51.100.2")

    assert (first.status, second.status) == (200, 200)


@pytest.mark.parametrize(
    "stated", ["Bearer ", "Bearer", "", "Bearer unknown", "Basic dXNlcg==", "Bearer " + "x" * 9000]
)
async def test_an_empty_or_unknown_bearer_is_just_another_anonymous_caller(stated: str) -> None:
    async with House(settings={"RATE_LIMIT_IP": "1", **KEYS}) as house:
        first = await house.get(PRICE, authorization=stated)
        second = await house.get(PRICE)

    assert first.status == 200
    assert first.headers["ratelimit-policy"] == '"ip";q=1;w=60'
    assert second.status == 429


async def test_without_trusted_proxies_a_forwarded_address_counts_for_nothing() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE, x_forwarded_for="198.51.100.1")
        second = await house.get(PRICE, x_forwarded_for="198.51.100.2")

    assert second.status == 429


async def test_behind_one_proxy_the_last_hop_is_the_caller() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1", "TRUSTED_PROXIES": "1"}) as house:
        first = await house.get(PRICE, x_forwarded_for="198.51.100.1")
        other = await house.get(PRICE, x_forwarded_for="198.51.100.2")
        forged = await house.get(PRICE, x_forwarded_for="192.0.2.9, 198.51.100.1")

    assert (first.status, other.status, forged.status) == (200, 200, 429)


async def test_hops_in_several_header_lines_are_one_list() -> None:
    def lines(*hops: bytes) -> list[tuple[bytes, bytes]]:
        return [(b"x-forwarded-for", hop) for hop in hops]

    async with House(settings={"RATE_LIMIT_IP": "1", "TRUSTED_PROXIES": "2"}) as house:
        first = await house.ask("GET", PRICE, lines(b"198.51.100.1", b"10.0.0.1"))
        again = await house.ask("GET", PRICE, lines(b"192.0.2.9, 198.51.100.1", b"10.0.0.2"))
        other = await house.ask("GET", PRICE, lines(b"198.51.100.2", b"10.0.0.1"))

    assert (first.status, again.status, other.status) == (200, 429, 200)


@pytest.mark.parametrize("target", ["/api/usage", "/metrics"])
async def test_a_protected_path_asks_for_a_key(target: str) -> None:
    async with House(settings=KEYS) as house:
        none = await house.get(target)
        empty = await house.get(target, authorization="Bearer ")
        unknown = await house.get(target, authorization="Bearer nobody")
        unknown_header = await house.get(target, x_api_key="nobody")
        known = await house.get(target, authorization=f"Bearer {KEY}")

    assert (none.status, none.error["code"]) == (401, "UNAUTHORIZED")
    assert none.headers["www-authenticate"] == "Bearer"
    assert empty.status == 401
    assert (unknown.status, unknown.error["code"]) == (403, "FORBIDDEN")
    assert unknown_header.status == 403
    assert known.status == 200


async def test_a_key_is_never_repeated_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    async with House(settings=KEYS) as house:
        known = await house.get("/api/usage", authorization=f"Bearer {KEY}")
        unknown = await house.get("/api/usage", authorization="Bearer canary-key-canary")

    assert KEY.encode() not in known.body
    assert b"canary" not in unknown.body
    assert KEY not in caplog.text
    assert "canary" not in caplog.text
