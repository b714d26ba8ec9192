"""Callers who pretend to be many."""

import pytest

from lib.limits import caller_of
from tests.house import House

LIMIT = 5
HEADERS = (
    "x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip",
    "x-client-ip", "x-cluster-client-ip", "x-forwarded", "via",
)  # fmt: skip


async def admitted(house: House, calls: list[tuple[str, dict[str, str]]]) -> int:
    """How many of these calls are not refused."""
    answers = [await house.ask("GET", "/nowhere", headers, peer=peer) for peer, headers in calls]
    return sum(answer.status != 429 for answer in answers)


@pytest.mark.parametrize("header", HEADERS)
async def test_a_forged_address_buys_nothing(header: str) -> None:
    async with House(settings={"RATE_LIMIT_IP": str(LIMIT)}) as house:
        forged = [("203.0.113.9", {header: f"198.51.100.{n}"}) for n in range(3 * LIMIT)]

        assert await admitted(house, forged) == LIMIT


async def test_behind_a_proxy_only_what_the_proxy_wrote_counts() -> None:
    settings = {"RATE_LIMIT_IP": str(LIMIT), "TRUSTED_PROXIES": "1"}
    async with House(settings=settings) as house:
        forged = [
            ("10.0.0.1", {"x-forwarded-for": f"198.51.100.{n}, 203.0.113.9"})
            for n in range(3 * LIMIT)
        ]

        assert await admitted(house, forged) == LIMIT


@pytest.mark.parametrize("junk", ["", "evil", "1.2.3", "1.2.3.4.5", "::g", "a" * 5000, "\xff"])
async def test_an_address_that_is_none_counts_for_the_peer(junk: str) -> None:
    settings = {"RATE_LIMIT_IP": str(LIMIT), "TRUSTED_PROXIES": "1"}
    async with House(settings=settings) as house:
        forged = [("10.0.0.1", {"x-forwarded-for": f"{n}, {junk}"}) for n in range(3 * LIMIT)]

        assert await admitted(house, forged) == LIMIT


async def test_all_addresses_of_one_ipv6_network_share_one_limit() -> None:
    async with House(settings={"RATE_LIMIT_IP": str(LIMIT)}) as house:
        rotating = [(f"2001:db8:1:2:{n:x}:{n * 7:x}:{n * 31:x}:1", {}) for n in range(3 * LIMIT)]
        same = await admitted(house, rotating)
        other = await admitted(house, [("2001:db8:1:3::1", {})])

    assert (same, other) == (LIMIT, 1)


@pytest.mark.parametrize(
    ("spelled", "same"),
    [
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::2"),
        ("[2001:db8::1]:443", "2001:db8::9"),
        ("203.0.113.9:5555", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_another_spelling_of_an_address_is_no_other_caller(spelled: str, same: str) -> None:
    assert caller_of(spelled, None, 0) == caller_of(same, None, 0)


@pytest.mark.parametrize("path", ["/docs/../api/price/BTC", "/static/../api/price/BTC", "//health"])
async def test_a_path_that_looks_free_is_counted(path: str) -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get("/nowhere")
        answer = await house.get(path)

    assert answer.status in (404, 429)


async def test_unknown_keys_do_not_make_new_callers() -> None:
    async with House(settings={"RATE_LIMIT_IP": str(LIMIT)}) as house:
        guesses = [("203.0.113.9", {"authorization": f"Bearer guess-{n}"}) for n in range(20)]

        assert await admitted(house, guesses) == LIMIT
