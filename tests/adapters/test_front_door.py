"""What every answer carries, whoever asks and whatever is asked: headers, caching, limits, keys."""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import pytest

from adapters.front_door import best_coding
from functions import load_endpoints
from lib.endpoint import Document, Endpoint, Reply, Request
from tests.house import House

KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}
PRICE = "/api/price/BTC"
MARKET = "/api/market?limit=20"


class Nothing(Request):
    """Nothing to choose."""


def endpoint(call: Callable[..., Awaitable[Any]], **how: Any) -> Endpoint:
    """An endpoint of the tests at `/probe`."""
    return Endpoint(
        **{"method": "GET", "path": "/probe", "request": Nothing, "reply": Reply, "call": call}
        | how
    )


# what every reply says


async def test_a_reply_says_where_it_comes_from_and_how_old_it_is(house: House) -> None:
    answer = await house.get(PRICE)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-source"] == "binance"
    assert answer.headers["age"] == "0"
    assert answer.headers["x-cache"] == "miss"
    assert answer.headers["server-timing"].startswith('cache;desc="miss", binance;desc=ok;dur=')
    assert answer.headers["vary"] == "Accept-Encoding, Origin"


async def test_cache_control_counts_down_while_the_value_ages(house: House) -> None:
    await house.get(PRICE)
    house.clock.advance(3)

    answer = await house.get(PRICE)

    assert answer.headers["age"] == "3"
    assert answer.headers["cache-control"] == (
        "public, max-age=2, stale-while-revalidate=55, stale-if-error=295"
    )


async def test_no_header_stands_twice(house: House) -> None:
    for target in (PRICE, "/health", "/nowhere", "/api/price/..%2f"):
        names = [
            name for name, _ in (await house.get(target, origin="https://a.example")).raw_headers
        ]

        assert len(names) == len(set(names))
        assert all(name == name.lower() for name in names)


async def test_a_sane_request_id_comes_back(house: House) -> None:
    answer = await house.get(PRICE, x_request_id="web-7f3a.42_B")

    assert answer.headers["x-request-id"] == "web-7f3a.42_B"


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with space", "tab\tinside", "ünicode-id", '"quoted-id"']
)
async def test_any_other_request_id_is_replaced(house: House, given: str) -> None:
    answer = await house.get(PRICE, x_request_id=given)

    assert re.fullmatch(r"[0-9a-f]{12}-[0-9a-f]+", answer.headers["x-request-id"])


async def test_every_request_has_an_id_of_its_own(house: House) -> None:
    ids = {(await house.get(PRICE)).headers["x-request-id"] for _ in range(5)}

    assert len(ids) == 5


async def test_a_value_of_the_sandbox_is_labelled(house: House) -> None:
    async with House(sandbox=True) as played:
        answer = await played.get(PRICE)

    assert answer.headers["x-source"] == "sandbox:binance"
    assert answer.json["meta"]["sandbox"] is True


# hit, stale, miss


async def test_the_second_asker_gets_the_same_bytes_as_a_hit(house: House) -> None:
    first = await house.get(MARKET)
    house.clock.advance(1)
    calls = house.calls

    second = await house.get(MARKET)

    assert second.headers["x-cache"] == "hit"
    assert second.body == first.body
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["server-timing"] == 'cache;desc="hit"'
    assert house.calls == calls


async def test_another_spelling_of_the_same_question_is_a_hit_too(house: House) -> None:
    first = await house.get("/api/ohlcv?symbol=BTC&timeframe=1h&limit=5")
    house.clock.advance(1)

    second = await house.get("/api/ohlcv?limit=5&utm=x&interval=1h&symbol=BTC")

    assert second.headers["x-cache"] == "hit"
    assert second.headers["server-timing"] == 'cache;desc="hit"'
    assert second.body == first.body


async def test_a_stale_value_is_sent_at_once_in_the_same_bytes_and_refreshed(house: House) -> None:
    first = await house.get(PRICE)
    house.clock.advance(6)

    stale = await house.get(PRICE)
    while house.runtime.highway._flights._running:
        await next(iter(house.runtime.highway._flights._running.values()))
    house.clock.advance(1)
    renewed = await house.get(PRICE)

    assert stale.headers["x-cache"] == "stale"
    assert stale.headers["age"] == "6"
    assert stale.max_age == 0
    assert stale.body == first.body
    assert renewed.headers["x-cache"] == "hit"
    assert renewed.headers["age"] == "1"
    assert renewed.body != first.body


async def test_a_stale_value_is_looked_after_once_a_second_not_once_a_request(house: House) -> None:
    await house.get(PRICE)
    house.sandbox.state.faults.set("binance", "500")
    for other in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(other, "500")
    house.clock.advance(6)
    counted = len(house.counted)

    answers = [await house.get(PRICE) for _ in range(20)]

    assert {answer.headers["x-cache"] for answer in answers} == {"stale"}
    assert len(house.counted) == counted + 20


async def test_when_all_sources_are_down_the_kept_value_answers_and_says_so(house: House) -> None:
    await house.get(PRICE)
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(200)

    answer = await house.get(PRICE)

    assert answer.status == 200
    assert answer.headers["x-cache"] == "stale"
    assert answer.json["meta"]["degraded"] is True
    assert {"source": "binance", "outcome": "unavailable", "ms": 0} in answer.json["meta"][
        "sources_tried"
    ]


async def test_nothing_is_served_past_its_keep(house: House) -> None:
    await house.get(PRICE)
    for source in house.sandbox.state.faults.providers:
        house.sandbox.state.faults.set(source, "500")
    house.clock.advance(301)

    answer = await house.get(PRICE)

    assert answer.status == 503


# ETag


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


# HEAD


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


# compression


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (b"gzip", "gzip"),
        (b"br", "br"),
        (b"zstd", "zstd"),
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"gzip, deflate, br", "br"),
        (b"GZIP", "gzip"),
        (b"*", "zstd"),
        (b"*;q=0.5, zstd;q=0", "br"),
        (b"gzip;q=1.0, br;q=0.5", "gzip"),
        (b"gzip ; q=0.2 , br ; q=0.8", "br"),
        (b"zstd;q=0, br;q=0.0, gzip;q=0.001", "gzip"),
        (b"identity;q=0, gzip", "gzip"),
        (b"gzip;q=0.5, identity", None),
        (b"identity", None),
        (b"", None),
        (b"gzip;q=0", None),
        (b"*;q=0", None),
        (b"deflate, compress, sdch", None),
        (b"gzip;q=nonsense", "gzip"),
        (b",;,=;q", None),
    ],
)
def test_the_coding_that_is_liked_best(accepted: bytes, chosen: str | None) -> None:
    assert best_coding(accepted) == chosen


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_a_compressed_body_is_the_same_body(house: House, coding: str) -> None:
    plain = await house.get(MARKET)

    packed = await house.get(MARKET, accept_encoding=coding)

    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body)
    assert packed.plain == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]


async def test_a_small_body_stays_plain(house: House) -> None:
    answer = await house.get("/health/live", accept_encoding="gzip, br, zstd")

    assert "content-encoding" not in answer.headers


async def test_each_coding_is_made_once_a_value(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    from adapters import rendering

    for coding, encoder in list(rendering.ENCODERS.items()):

        def spy(body: bytes, coding: str = coding, encoder: Any = encoder) -> bytes:
            made.append(coding)
            return bytes(encoder(body))

        monkeypatch.setitem(rendering.ENCODERS, coding, spy)

    for target in (MARKET, MARKET, f"{MARKET}&utm=1"):
        for coding in ("gzip", "br", "zstd"):
            await house.get(target, accept_encoding=coding)

    assert sorted(made) == ["br", "gzip", "zstd"]


# errors of our own


async def test_a_bug_of_ours_leaks_nothing_and_leads_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        raise RuntimeError("secret-internals at /srv/app")

    async with House(endpoints=[endpoint(probe)]) as house:
        answer = await house.get("/probe", x_request_id="trace-me-123")

    assert answer.status == 500
    assert answer.error["code"] == "INTERNAL_ERROR"
    assert answer.error["details"] == {"request_id": "trace-me-123"}
    assert b"secret" not in answer.body
    assert b"Traceback" not in answer.body
    [record] = [r for r in caplog.records if r.message == "request.failed"]
    assert "secret-internals" in str(record.exc_info)


async def test_a_bug_is_logged_under_the_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    import logging

    from lib.log import JsonLines

    async def probe(request: Nothing, ctx: Any) -> Reply:
        raise RuntimeError("oh")

    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(JsonLines())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger("dreammaker.http").addHandler(handler)
    try:
        async with House(endpoints=[endpoint(probe)]) as house:
            await house.get("/probe", x_request_id="trace-me-123")
    finally:
        logging.getLogger("dreammaker.http").removeHandler(handler)

    assert '"request_id":"trace-me-123"' in lines[0]


async def test_an_answer_that_takes_too_long_is_a_504() -> None:
    async def probe(request: Nothing, ctx: Any) -> Reply:
        import asyncio

        await asyncio.sleep(30)
        return Reply()

    async with House(endpoints=[endpoint(probe, timeout_s=0.02)]) as house:
        answer = await house.get("/probe")

    assert (answer.status, answer.error["code"]) == (504, "TIMEOUT")
    assert answer.error["details"]["deadline_s"] == 0.02


async def test_errors_are_never_kept_by_caches(house: House) -> None:
    for target in ("/nowhere", "/api/price/!", "/api/usage"):
        answer = await house.get(target)

        assert answer.status >= 400
        assert answer.headers["cache-control"] == "no-store"


# documents


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


# limits


async def test_the_hundred_and_first_request_of_a_minute_is_refused() -> None:
    async with House(settings={"RATE_LIMIT_IP": "100"}) as house:
        passed = [await house.get(PRICE) for _ in range(100)]
        refused = await house.get(PRICE)

    assert {answer.status for answer in passed} == {200}
    assert passed[0].headers["ratelimit-policy"] == '"ip";q=100;w=60'
    assert passed[0].headers["ratelimit"] == '"ip";r=99;t=60'
    assert passed[99].headers["ratelimit"] == '"ip";r=0;t=60'
    assert (refused.status, refused.error["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["retry-after"] == "60"
    assert refused.error["details"] == {"limit": 100, "window_s": 60, "retry_after_s": 60}


async def test_the_limit_is_a_hundred_by_default() -> None:
    async with House(settings={"RATE_LIMIT_IP": ""}) as house:
        answer = await house.get(PRICE)

    assert answer.headers["ratelimit-policy"] == '"ip";q=100;w=60'


async def test_after_the_minute_the_caller_is_welcome_again() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE)
        house.clock.advance(45.2)
        refused = await house.get(PRICE)
        house.clock.advance(int(refused.headers["retry-after"]))
        again = await house.get(PRICE)

    assert refused.headers["retry-after"] == "15"
    assert (refused.status, again.status) == (429, 200)


async def test_errors_count_against_the_limit() -> None:
    async with House(settings={"RATE_LIMIT_IP": "2"}) as house:
        statuses = [(await house.get("/nowhere")).status for _ in range(3)]

    assert statuses == [404, 404, 429]


async def test_one_caller_does_not_use_up_the_limit_of_another() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        first = await house.ask("GET", PRICE, peer="198.51.100.1")
        second = await house.ask("GET", PRICE, peer="198.51.100.2")

    assert (first.status, second.status) == (200, 200)


async def test_zero_is_no_limit(house: House) -> None:
    answers = [await house.get(PRICE) for _ in range(150)]

    assert {answer.status for answer in answers} == {200}
    assert "ratelimit" not in answers[-1].headers


async def test_a_known_key_has_a_limit_of_its_own() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1", **KEYS}) as house:
        await house.get(PRICE)
        bearer = [await house.get(PRICE, authorization=f"Bearer {KEY}") for _ in range(3)]
        header = await house.get(PRICE, x_api_key=KEY)

    assert {answer.status for answer in bearer} == {200}
    assert bearer[0].headers["ratelimit-policy"] == '"key";q=1000;w=60'
    assert header.headers["ratelimit"] == '"key";r=996;t=60'


async def test_a_key_is_refused_after_its_thousandth_request() -> None:
    async with House(settings=KEYS) as house:
        for _ in range(1000):
            await house.get("/api/price/BTC", x_api_key=KEY)
        refused = await house.get("/api/price/BTC", x_api_key=KEY)

    assert (refused.status, refused.error["details"]["limit"]) == (429, 1000)


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


async def test_what_is_free_is_never_counted() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE)
        for target in ("/health", "/health/live", "/health/ready"):
            assert (await house.get(target)).status == 200
        assert (await house.ask("OPTIONS", PRICE)).status == 204
        assert (await house.get("/docs/no-such-file.js")).status == 404
        assert (await house.get("/static/no-such-file.js")).status == 404
        assert (await house.get(PRICE)).status == 429


def test_documents_are_free() -> None:
    free = {endpoint.path for endpoint in load_endpoints() if endpoint.free}

    wanted = {"/docs", "/openapi.json"} & {endpoint.path for endpoint in load_endpoints()}
    assert wanted <= free
    assert {"/health", "/health/live", "/health/ready"} <= free


async def test_a_dotted_path_does_not_turn_a_counted_one_free() -> None:
    async with House(settings={"RATE_LIMIT_IP": "0"}) as house:
        answer = await house.get("/docs/../api/price/BTC")

    assert answer.status == 404


# keys


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


# memory


async def test_thousands_of_spellings_are_one_answer_and_leave_memory_bounded() -> None:
    async with House(settings={"ANSWERS_MB": "1"}) as house:
        pantry = house.app._pantry
        pantry._spellings._most_bytes = 50_000
        for number in range(1000):
            await house.get(f"{PRICE}?junk={number}")

        assert len(pantry._answers) == 1
        assert pantry._spellings.bytes <= 50_000


async def test_a_caller_cannot_spell_the_key_of_a_shared_rendering(house: House) -> None:
    answer = await house.get(PRICE)
    [question] = house.app._pantry._answers._values

    smuggled = await house.get(b"/" + question.replace(b" ", b"%20"))

    assert answer.status == 200
    assert smuggled.status == 404


@pytest.mark.parametrize("target", [PRICE, MARKET, "/api/ohlcv?symbol=BTC&limit=5", "/health"])
async def test_without_room_for_answers_the_answers_are_the_same(house: House, target: str) -> None:
    async with House(settings={"ANSWERS_MB": "0"}) as bare:
        for asked in (house, bare):
            await asked.get(target)
            asked.clock.advance(1)
        kept = await house.get(target, accept_encoding="gzip", x_request_id="same-id-1")
        made = await bare.get(target, accept_encoding="gzip", x_request_id="same-id-1")

    assert (made.status, made.headers) == (kept.status, kept.headers)
    assert made.body == kept.body


async def test_every_answer_is_counted_once_with_endpoint_status_and_cache(house: House) -> None:
    await house.get(PRICE)
    house.clock.advance(1)
    await house.get(PRICE)
    await house.get("/nowhere")
    await house.get("/api/price/!")
    await house.get("/health")

    assert house.counted == [
        ("price", 200, "miss"),
        ("price", 200, "hit"),
        ("none", 404, "none"),
        ("price", 400, "none"),
        ("health", 200, "hit"),
    ]
