"""Keys: compared in a time that tells nothing, and never taken from where a page sends them."""

import ast
import hashlib
import hmac
import inspect
import textwrap

import pytest

from lib import auth
from lib.auth import KeyRing
from tests.house import House

KEY = "dm_a-key-of-the-tests"
SETTINGS = {"API_KEYS": f"tester:{hashlib.sha256(KEY.encode()).hexdigest()}"}


def looked_up() -> ast.AST:
    """The code that looks a key up."""
    return ast.parse(textwrap.dedent(inspect.getsource(KeyRing._holder)))


def test_every_known_key_is_compared_whichever_matches() -> None:
    loops = [node for node in ast.walk(looked_up()) if isinstance(node, ast.For)]

    assert len(loops) == 1
    inside = [node for part in loops[0].body for node in ast.walk(part)]
    assert not [node for node in inside if isinstance(node, ast.Return | ast.Break | ast.Continue)]


def test_hashes_are_compared_in_constant_time_and_keys_not_at_all() -> None:
    loop = next(node for node in ast.walk(looked_up()) if isinstance(node, ast.For))
    compared = [
        node
        for part in loop.body
        for node in ast.walk(part)
        if isinstance(node, ast.Compare | ast.Call)
    ]

    assert [ast.unparse(node) for node in compared] == ["compare_digest(known, digest)"]
    assert auth.compare_digest is hmac.compare_digest


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": f"api_key={KEY}; token={KEY}; Authorization=Bearer {KEY}"},
        {"referer": f"https://a.example/?api_key={KEY}"},
        {"proxy-authorization": f"Bearer {KEY}"},
        {"authorization": f"Basic {KEY}"},
        {"authorization": f"Bearer {KEY[:-1]}"},
        {"authorization": f"Bearer {KEY}x"},
        {"authorization": f"Bearer {KEY.upper()}"},
        {"x-api-key": hashlib.sha256(KEY.encode()).hexdigest()},
    ],
)
async def test_a_key_counts_in_its_own_headers_alone(headers: dict[str, str]) -> None:
    async with House(settings=SETTINGS) as house:
        elsewhere = await house.ask("GET", "/api/usage", headers)
        in_query = await house.ask("GET", f"/api/usage?api_key={KEY}&token={KEY}", {})
        rightly = await house.get("/api/usage", x_api_key=KEY)

    assert elsewhere.status in (401, 403)
    assert in_query.status == 401
    assert rightly.status == 200


async def test_a_page_elsewhere_gets_nothing_by_its_visitors_credentials() -> None:
    # browsers send cookies along by themselves, but never a header that a page did not set
    async with House(settings=SETTINGS) as house:
        sent = {"origin": "https://evil.example", "cookie": f"key={KEY}"}
        answer = await house.ask("GET", "/api/usage", sent)

    assert answer.status == 401
    assert KEY not in answer.body.decode()


@pytest.mark.parametrize("origin", ["null", "*", "https://evil.example\r\nX: y", "javascript:x"])
async def test_no_credentials_for_what_is_no_origin(origin: str) -> None:
    async with House() as house:
        answer = await house.ask("GET", "/api/price/BTC", {"origin": origin})

    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_list_of_origins_admits_no_neighbour() -> None:
    listed = {"CORS_ORIGINS": "https://good.example"}
    async with House(settings=listed) as house:
        for origin in (
            "https://good.example.evil.example", "https://evilgood.example", "http://good.example",
            "https://good.example:8443", "https://GOOD.example", "https://good.example/",
        ):  # fmt: skip
            answer = await house.get("/api/price/BTC", origin=origin)
            assert "access-control-allow-origin" not in answer.headers
