"""What comes back of what a caller sent: never raw, never somewhere else, never with a key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions import load_endpoints
from lib.endpoint import Endpoint
from lib.log import JsonLines
from tests.house import House

ROOT = Path(__file__).resolve().parents[2]
EVIL = "x%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>%00%1b[31m%e2%80%a8"
RAW = b"\x00", b"\r", b"\n", b"\x1b"

endpoints = load_endpoints()
each_get = pytest.mark.parametrize(
    "endpoint", [e for e in endpoints if e.method == "GET"], ids=lambda endpoint: endpoint.name
)
each_post = pytest.mark.parametrize(
    "endpoint", [e for e in endpoints if e.method == "POST"], ids=lambda endpoint: endpoint.name
)


def targets(endpoint: Endpoint) -> Iterator[str]:
    """The path with something evil for each of its parameters, and for all of its query's."""
    names = {field.alias or name for name, field in endpoint.request.model_fields.items()}
    path = endpoint.path
    for name in names:
        path = path.replace(f"{{{name}:path}}", EVIL).replace(f"{{{name}}}", EVIL)
    yield path + "?" + "&".join(f"{name}={EVIL}" for name in (*names, "unknown"))


@each_get
async def test_nothing_evil_in_a_target_comes_back_raw(
    endpoint: Endpoint, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    for target in targets(endpoint):
        answer = await house.get(target, accept=EVIL, user_agent=EVIL)

        for name, value in answer.raw_headers:
            assert name != b"set-cookie"
            assert not any(mark in value for mark in RAW)
        if answer.headers["content-type"].startswith("application/"):
            assert not any(mark in answer.plain for mark in RAW)
            assert b"Set-Cookie: a=b\\r" not in answer.plain
            json.loads(answer.plain)
    assert all(JsonLines().format(record).isprintable() for record in caplog.records)


@each_post
async def test_nothing_evil_in_a_body_comes_back_raw(endpoint: Endpoint, house: House) -> None:
    evil = "x\r\nSet-Cookie: a=b\r\n\r\n\x00\x1b[31m\u2028"
    names = [field.alias or name for name, field in endpoint.request.model_fields.items()]

    answer = await house.post(endpoint.path, dict.fromkeys((*names, "unknown"), evil))

    assert not any(mark in answer.plain for mark in RAW)
    for name, value in answer.raw_headers:
        assert name != b"set-cookie"
        assert not any(mark in value for mark in RAW)


async def test_no_answer_ever_sets_a_cookie(house: House) -> None:
    for endpoint in endpoints:
        if endpoint.method == "GET" and "{" not in endpoint.path and endpoint.bundle == "light":
            answer = await house.get(endpoint.path, cookie="a=b")
            assert "set-cookie" not in answer.headers


TRAVERSALS = [
    "../local_server.py", "..%2flocal_server.py", "%2e%2e/local_server.py", "..%5clocal_server.py",
    "....//local_server.py", "%252e%252e%252flocal_server.py", "/etc/passwd", "%2fetc%2fpasswd",
    "..%c0%af..%c0%aflocal_server.py", "docs.css%00.html", "../../.env", "page.css/../../x", "",
    "..;/local_server.py", "C:%5cWindows%5cwin.ini", "file:///etc/passwd", ".", "..", "./docs.css",
]  # fmt: skip


@pytest.mark.parametrize("root", ["/static/", "/docs/", "/", "/api/"])
@pytest.mark.parametrize("path", TRAVERSALS)
async def test_no_path_leads_out_of_the_assets(root: str, path: str, house: House) -> None:
    answer = await house.get(root + path)

    assert b"build_app" not in answer.plain
    assert b"root:" not in answer.plain
    if answer.status == 200:  # the page itself, or an asset by its own name
        assert root + path in ("/", "/docs/", "/static/./docs.css", "/docs/./docs.css")


async def test_every_asset_is_a_name_and_no_path(house: House) -> None:
    shipped = {file.name for file in (ROOT / "adapters" / "web").rglob("*") if file.is_file()}
    for name in shipped:
        answer = await house.get(f"/static/nowhere/{name}")
        assert answer.status == 404
