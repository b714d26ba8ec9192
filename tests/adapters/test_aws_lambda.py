"""Behaviour of a function's handler: what AWS gives it, what goes back."""

import base64
import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from mangum import Mangum

from adapters.asgi import create_app
from adapters.aws_lambda import LARGEST_ANSWER, Enveloped, InStep, LambdaHandler, build_app
from adapters.deploy.serverless import deployed_families
from lib.context import Context
from lib.endpoint import Document, Endpoint, Reply, Request
from lib.runtime import build_runtime
from lib.settings import Settings
from rehearsal.events import http_event
from rehearsal.families import load_families
from tests.conftest import StillClock
from tests.lib.fakes import FakeStore

pytestmark = pytest.mark.usefixtures("kept_loop")

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "tests" / "events"
MODELS = {"pandas", "numpy", "huggingface_hub"}
HEAVY = {*MODELS, "boto3", "botocore", "redis", "uvicorn", "sqlalchemy"}
LATE = {"httpx", "starlette", "lib.runtime", "lib.settings", "lib.highway.road"}
"""What a function needs to answer and not to be imported: annotations alone must not load it."""


class EchoRequest(Request):
    text: str = ""


class EchoReply(Reply):
    text: str


async def echo(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text)


async def pair(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text)


async def long(request: EchoRequest, ctx: Context) -> EchoReply:
    return EchoReply(text=request.text * 1_000_000)


async def raw(request: EchoRequest, ctx: Context) -> Document:
    return Document(bytes(range(256)), "application/octet-stream")


async def broken(request: EchoRequest, ctx: Context) -> EchoReply:
    raise RuntimeError("a secret in a sentence")


def _endpoint(path: str, call: Any, method: Any = "GET") -> Endpoint:
    return Endpoint(
        method=method, path=path, request=EchoRequest, reply=EchoReply, call=call, cached=False
    )


ENDPOINTS = (
    _endpoint("/api/echo", echo),
    _endpoint("/api/told", echo, "POST"),
    _endpoint("/api/pair/{text:path}", pair),
    _endpoint("/api/long", long),
    _endpoint("/api/raw", raw),
    _endpoint("/api/broken", broken),
)


def _nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no network here", request=request)


def build() -> Mangum:
    runtime = build_runtime(
        Settings.load({}), transport=httpx.MockTransport(_nobody), names=["binance"], inline=True
    )
    return Mangum(Enveloped(create_app(ENDPOINTS, runtime)), lifespan="off")


@pytest.fixture
def handler() -> LambdaHandler:
    return LambdaHandler(build)


def read(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def code(answer: Any) -> tuple[int, str]:
    body = json.loads(answer["body"])
    assert body["success"] is False
    return answer["statusCode"], body["error"]["code"]


def test_an_answer_is_what_the_endpoint_replied(handler: LambdaHandler) -> None:
    answer = handler(http_event("GET", "/api/echo?text=hello"), None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"success": True, "text": "hello"}
    assert answer["headers"]["content-type"] == "application/json"


def test_of_a_repeated_key_the_last_counts(handler: LambdaHandler) -> None:
    answer = handler(http_event("GET", "/api/echo?text=one&text=two"), None)

    assert json.loads(answer["body"])["text"] == "two"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("BTC/USDT", "BTC/USDT"),
        ("BTC%2FUSDT", "BTC/USDT"),
        ("BTC%252FUSDT", "BTC%2FUSDT"),
        ("%E2%82%BF", "₿"),
    ],
)
def test_a_symbol_in_the_path_is_decoded_once(handler: LambdaHandler, path: str, text: str) -> None:
    answer = handler(http_event("GET", f"/api/pair/{path}"), None)

    assert json.loads(answer["body"])["text"] == text


@pytest.mark.parametrize("spelling", ["BTC%2FUSDT", "BTC%252FUSDT", "%FF", "%", "%00", "%0A"])
@pytest.mark.parametrize("name", ["price", "ticker", "orderbook", "trades", "history_price"])
def test_no_spelling_of_a_symbol_breaks_a_function(name: str, spelling: str) -> None:
    endpoints = load_families()[name]
    runtime = build_runtime(
        Settings.load({}), transport=httpx.MockTransport(_nobody), names=["binance"], inline=True
    )
    app = Mangum(Enveloped(create_app(endpoints, runtime)), lifespan="off")
    path = endpoints[0].path.replace("{symbol:path}", spelling)

    answer = LambdaHandler(lambda: app)(http_event("GET", path), None)

    assert code(answer)[0] in (400, 503)


def test_head_answers_as_get_without_a_body(handler: LambdaHandler) -> None:
    got = handler(http_event("GET", "/api/echo?text=hello"), None)
    answer = handler(http_event("HEAD", "/api/echo?text=hello"), None)

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert answer["headers"]["content-length"] == got["headers"]["content-length"]


def test_a_preflight_is_answered_by_the_callers_own_origin(handler: LambdaHandler) -> None:
    asked = {
        "origin": "https://app.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    answer = handler(http_event("OPTIONS", "/api/echo", headers=asked), None)

    assert answer["statusCode"] == 204
    assert answer["headers"]["access-control-allow-origin"] == "https://app.example"
    assert answer["headers"]["access-control-allow-headers"] == "authorization"
    assert answer["headers"]["access-control-max-age"] == "86400"


def test_another_method_is_refused_in_the_envelope(handler: LambdaHandler) -> None:
    assert code(handler(http_event("PUT", "/api/echo"), None)) == (405, "METHOD_NOT_ALLOWED")


def test_another_path_is_refused_in_the_envelope(handler: LambdaHandler) -> None:
    assert code(handler(http_event("GET", "/api/nothing"), None)) == (404, "NOT_FOUND")


def test_a_text_body_arrives(handler: LambdaHandler) -> None:
    answer = handler(http_event("POST", "/api/told", body='{"text":"grüße"}'.encode()), None)

    assert json.loads(answer["body"])["text"] == "grüße"


def test_a_body_in_base64_arrives(handler: LambdaHandler) -> None:
    event = http_event("POST", "/api/told")
    event |= {"body": base64.b64encode(b'{"text":"hi"}').decode(), "isBase64Encoded": True}

    assert json.loads(handler(event, None)["body"])["text"] == "hi"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (bytes(range(256)), {}, (400, "INVALID_PARAMETER")),
        (
            gzip.compress(b"{}", mtime=0),
            {"content-encoding": "gzip"},
            (415, "UNSUPPORTED_MEDIA_TYPE"),
        ),
        (b"x" * 70_000, {}, (413, "PAYLOAD_TOO_LARGE")),
        (b"a=1", {"content-type": "text/plain"}, (415, "UNSUPPORTED_MEDIA_TYPE")),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    handler: LambdaHandler, body: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = handler(http_event("POST", "/api/told", headers=headers, body=body), None)

    assert code(answer) == expected


def test_an_event_that_contradicts_itself_is_an_error_in_the_envelope(
    handler: LambdaHandler,
) -> None:
    event = http_event("POST", "/api/told") | {"body": "abc", "isBase64Encoded": True}

    assert code(handler(event, None)) == (500, "INTERNAL_ERROR")


def test_a_binary_answer_goes_back_as_base64(handler: LambdaHandler) -> None:
    answer = handler(http_event("GET", "/api/raw"), None)

    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == bytes(range(256))


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_compressed_answer_goes_back_as_base64(handler: LambdaHandler, coding: str) -> None:
    event = http_event("GET", "/api/echo?text=" + "a" * 900, headers={"accept-encoding": coding})
    answer = handler(event, None)

    assert answer["headers"]["content-encoding"] == coding
    assert answer["isBase64Encoded"] is True
    packed = base64.b64decode(answer["body"])
    assert len(packed) == int(answer["headers"]["content-length"]) < 900


def test_cookies_reach_the_app_and_are_no_trouble(handler: LambdaHandler) -> None:
    event = http_event("GET", "/api/echo?text=x", headers={"cookie": "a=1; b=2"})
    assert event["cookies"] == ["a=1", "b=2"]

    assert handler(event, None)["statusCode"] == 200


def test_an_answer_too_large_for_the_platform_is_refused_before_it(
    handler: LambdaHandler,
) -> None:
    asked = {"origin": "https://app.example"}
    answer = handler(http_event("GET", "/api/long?text=6bytes", headers=asked), None)

    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")
    details = json.loads(answer["body"])["error"]["details"]
    assert details["bytes"] > details["limit_bytes"] == LARGEST_ANSWER
    assert answer["headers"]["access-control-allow-origin"] == "https://app.example"
    assert answer["headers"]["cache-control"] == "no-store"
    assert "content-length" not in answer["headers"]


def test_what_counts_is_the_size_after_escaping(handler: LambdaHandler) -> None:
    # three million quotation marks are within the limit, each with its backslash they are not
    answer = handler(http_event("GET", "/api/long?text=%22%22%22"), None)

    assert code(answer) == (413, "PAYLOAD_TOO_LARGE")


def test_the_same_answer_compressed_fits(handler: LambdaHandler) -> None:
    asked = {"accept-encoding": "gzip"}
    answer = handler(http_event("GET", "/api/long?text=6bytes", headers=asked), None)

    assert answer["statusCode"] == 200
    assert len(gzip.decompress(base64.b64decode(answer["body"]))) > 6_000_000


def test_a_bug_is_told_in_the_envelope_and_nothing_private_in_it(handler: LambdaHandler) -> None:
    answer = handler(http_event("GET", "/api/broken"), None)

    assert code(answer) == (500, "INTERNAL_ERROR")
    assert "secret" not in json.dumps(answer)


def test_a_bug_in_the_app_itself_is_told_in_the_envelope() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("half way")

    handler = LambdaHandler(lambda: Mangum(Enveloped(app), lifespan="off"))

    assert code(handler(http_event("GET", "/"), None)) == (500, "INTERNAL_ERROR")


def test_a_setting_that_cannot_be_read_is_an_error_in_the_envelope() -> None:
    handler = LambdaHandler(lambda: build_app(ENDPOINTS, {"RATE_LIMIT_IP": "many"}))

    assert code(handler(http_event("GET", "/api/echo"), None)) == (500, "INTERNAL_ERROR")


def test_after_a_failed_start_the_next_event_tries_again() -> None:
    tries: list[Callable[[], Mangum]] = [lambda: build_app(ENDPOINTS, {"DEBUG": "?"}), build]
    handler = LambdaHandler(lambda: tries.pop(0)())

    first = handler(http_event("GET", "/api/echo"), None)
    second = handler(http_event("GET", "/api/echo"), None)

    assert (first["statusCode"], second["statusCode"]) == (500, 200)


def test_the_service_is_built_once_a_process() -> None:
    built = []
    handler = LambdaHandler(lambda: built.append(1) or build())

    for _ in range(3):
        handler(http_event("GET", "/api/echo"), None)

    assert built == [1]


@pytest.mark.parametrize("name", ["schedule", "websocket_connect", "sqs"])
def test_an_event_of_another_kind_is_a_clear_error(handler: LambdaHandler, name: str) -> None:
    answer = handler(read(name), None)

    assert code(answer) == (400, "INVALID_PARAMETER")
    assert "an HTTP event" in json.loads(answer["body"])["error"]["message"]


@pytest.mark.parametrize("event", [None, [], {}, "", {"version": "2.0"}, {"requestContext": {}}])
def test_no_event_at_all_is_a_clear_error(handler: LambdaHandler, event: Any) -> None:
    assert code(handler(event, None)) == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize("name", ["rest_api", "load_balancer"])
def test_other_http_events_are_answered_too(handler: LambdaHandler, name: str) -> None:
    answer = handler(read(name), None)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["text"] == "hello"


def test_an_error_is_a_problem_document_for_who_asks_for_one() -> None:
    handler = LambdaHandler(lambda: build_app(ENDPOINTS, {"DEBUG": "?"}))
    asked = {"Accept": "application/problem+json"}

    answer = handler(http_event("GET", "/api/echo", headers=asked), None)

    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "INTERNAL_ERROR"


def test_callers_are_told_apart_by_the_address_that_the_gateway_saw() -> None:
    runtime = build_runtime(
        Settings.load({"RATE_LIMIT_IP": "1"}),
        transport=httpx.MockTransport(_nobody),
        names=["binance"],
    )
    handler = LambdaHandler(
        lambda: Mangum(Enveloped(create_app(ENDPOINTS, runtime)), lifespan="off")
    )

    def ask(ip: str) -> int:
        forged = {"x-forwarded-for": "198.51.100.9"}
        status: int = handler(http_event("GET", "/api/echo", headers=forged, source_ip=ip), None)[
            "statusCode"
        ]
        return status

    assert [ask("203.0.113.1"), ask("203.0.113.1"), ask("203.0.113.2")] == [200, 429, 200]


class CountingStore(FakeStore):
    """A store that counts as the real ones do."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        self.counts.update(amounts)
        return {key: self.counts[key] for key in amounts}


def test_instances_that_share_a_store_share_a_callers_limit(clock: StillClock) -> None:
    store = CountingStore()

    def instance() -> LambdaHandler:
        runtime = build_runtime(
            Settings.load({"RATE_LIMIT_IP": "4"}),
            transport=httpx.MockTransport(_nobody),
            names=["binance"],
            store=store,
            clock=clock,
        )
        runtime.limiter.share(store)
        app = InStep(create_app(ENDPOINTS, runtime), runtime.limiter.sync, clock.monotonic)
        return LambdaHandler(lambda: Mangum(Enveloped(app), lifespan="off"))

    first, second = instance(), instance()

    def ask(handler: LambdaHandler) -> int:
        clock.advance(1)
        status: int = handler(http_event("GET", "/api/echo"), None)["statusCode"]
        return status

    asked = [ask(first), ask(second), ask(first), ask(second), ask(first), ask(second)]

    assert asked[:4] == [200, 200, 200, 200]
    assert ask(first) == ask(second) == 429


def test_counts_are_exchanged_at_most_once_a_second(clock: StillClock) -> None:
    exchanged = []

    async def sync() -> None:
        exchanged.append(clock.monotonic())

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    handler = LambdaHandler(lambda: Mangum(InStep(app, sync, clock.monotonic), lifespan="off"))
    for _ in range(4):
        handler(http_event("GET", "/"), None)
        clock.advance(0.6)

    assert exchanged == [1000.0, 1001.2]


@pytest.mark.parametrize("name", sorted(deployed_families(load_families())))
def test_a_light_function_imports_nothing_heavy(name: str) -> None:
    ai = any(endpoint.bundle == "ai" for endpoint in load_families()[name])
    looked = (
        f"import sys, functions.{name} as f; early = {LATE!r} & set(sys.modules); "
        "from adapters.aws_lambda import build_app; build_app(f.endpoints, {}); "
        f"heavy = {HEAVY - MODELS if ai else HEAVY!r} & set(sys.modules); "
        "print(sorted(early), sorted(heavy))"
    )
    done = subprocess.run(  # a fresh process, as on Lambda
        [sys.executable, "-c", looked], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("[] []", "")
