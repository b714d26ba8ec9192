"""Pages of other origins: their own origin comes back, with credentials, or nothing does."""

import pytest

from adapters.visit import EXPOSED
from tests.house import House

PRICE = "/api/price/BTC"


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.org",
        "http://localhost:3000",
        "http://127.0.0.1:5173",
        "http://[::1]:8080",
        "https://user-space.hf.space",
        "http://my_container",
    ],
)
async def test_a_page_gets_its_own_origin_back_and_may_send_credentials(
    house: House, origin: str
) -> None:
    answer = await house.get(PRICE, origin=origin)

    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "",
        "https://",
        "https://a.example/",
        "https://a.example/path",
        "https://a.example:port",
        "https://a.example:",
        "https://user@a.example",
        "https://a..example",
        "https://a example",
        "https://[::1",
        "https://[[[",
        "http://:::",
        "https://a.example, https://b.example",
        "https://a.example\r\nset-cookie: x=1",
        "javascript:alert(1)",
        "ftp://a.example",
        "file://",
        "chrome-extension://abcdef",
        "https://ünicode.example",
        "https://" + "a" * 64,
    ],
)
async def test_what_is_no_origin_gets_no_cors_headers(house: House, origin: str) -> None:
    answers = [
        await house.get(PRICE, origin=origin),
        await house.get("/nowhere", origin=origin),
        await house.ask(
            "OPTIONS", PRICE, {"origin": origin, "access-control-request-method": "GET"}
        ),
    ]

    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-allow")]


async def test_a_caller_without_an_origin_gets_no_cors_headers(house: House) -> None:
    answer = await house.get(PRICE)

    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "target", [PRICE, "/nowhere", "/api/price/!", "/api/usage", "/health", "/metrics"]
)
async def test_every_reply_may_be_read_errors_included(house: House, target: str) -> None:
    answer = await house.get(target, origin="https://a.example")

    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-expose-headers"] == EXPOSED.decode()


async def test_a_refusal_for_too_many_requests_may_be_read() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE)
        answer = await house.get(PRICE, origin="https://a.example")

    assert answer.status == 429
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]


async def test_a_304_may_be_read(house: House) -> None:
    tag = (await house.get(PRICE)).headers["etag"]

    answer = await house.get(PRICE, origin="https://a.example", if_none_match=tag)

    assert answer.status == 304
    assert answer.headers["access-control-allow-origin"] == "https://a.example"


async def test_every_header_of_ours_is_exposed() -> None:
    async with House(settings={"RATE_LIMIT_IP": "9"}) as house:
        answer = await house.get(PRICE, origin="https://a.example")

    exposed = {name.lower() for name in EXPOSED.decode().split(", ")}
    promised = {"x-source", "age", "x-cache", "cache-control", "etag", "server-timing"}
    promised |= {"x-request-id", "ratelimit", "ratelimit-policy"}
    assert promised <= exposed
    assert promised <= set(answer.headers)


async def test_one_origin_does_not_get_the_headers_of_another(house: House) -> None:
    await house.get(PRICE, origin="https://a.example")

    answer = await house.get(PRICE, origin="https://b.example")

    assert answer.headers["x-cache"] in ("hit", "miss")
    assert answer.headers["access-control-allow-origin"] == "https://b.example"


# preflight


async def test_a_preflight_is_answered_for_a_day_without_a_body(house: House) -> None:
    answer = await house.ask(
        "OPTIONS",
        PRICE,
        {
            "origin": "https://a.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        },
    )

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "86400"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert answer.headers["vary"] == "Origin, Access-Control-Request-Headers"
    assert {"GET", "HEAD", "POST"} <= set(
        answer.headers["access-control-allow-methods"].split(", ")
    )


async def test_a_preflight_asks_no_source_and_no_router(house: House) -> None:
    for target in (PRICE, "/nowhere", "/api/usage"):
        answer = await house.ask("OPTIONS", target, {"origin": "https://a.example"})

        assert answer.status == 204
    assert house.calls == 0


async def test_preflights_are_not_counted() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        for _ in range(5):
            await house.ask("OPTIONS", PRICE, {"origin": "https://a.example"})
        answer = await house.get(PRICE)

    assert answer.status == 200


@pytest.mark.parametrize(
    "asked",
    [
        "x-ok\r\nset-cookie: x=1",
        "x-ok, <script>",
        ",,,,",
        ", x-a",
        "x a",
        "*",
        "x" * 2000,
        ", ".join(["x-a"] * 40),
        "ünicode",
    ],
)
async def test_what_are_no_header_names_is_never_repeated(house: House, asked: str) -> None:
    answer = await house.ask(
        "OPTIONS",
        PRICE,
        {"origin": "https://a.example", "access-control-request-headers": asked},
    )

    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == "Authorization, Content-Type, X-API-Key, X-Request-ID, Last-Event-ID"


# the setting


async def test_listed_origins_are_the_only_ones() -> None:
    listed = {"CORS_ORIGINS": "https://a.example, http://localhost:3000"}
    async with House(settings=listed) as house:
        ours = [
            await house.get(PRICE, origin=origin)
            for origin in ("https://a.example", "http://localhost:3000")
        ]
        others = [
            await house.get(PRICE, origin=origin)
            for origin in (
                "https://b.example",
                "http://a.example",
                "https://a.example:8443",
                "null",
            )
        ]

    assert [a.headers["access-control-allow-origin"] for a in ours] == [
        "https://a.example",
        "http://localhost:3000",
    ]
    assert all("access-control-allow-origin" not in answer.headers for answer in others)
    assert all(answer.status == 200 for answer in others)
