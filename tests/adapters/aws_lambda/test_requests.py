"""From an event to a request: paths, queries, methods, bodies, cookies."""

import base64
import gzip
import json

import httpx
import pytest
from mangum import Mangum

from adapters.asgi import create_app
from adapters.aws_lambda import Enveloped, LambdaHandler
from lib.runtime import build_runtime
from lib.settings import Settings
from rehearsal.events import http_event
from rehearsal.families import load_families
from tests.adapters.aws_lambda.echo import code, nobody


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
        Settings.load({}), transport=httpx.MockTransport(nobody), names=["binance"], inline=True
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


def test_cookies_reach_the_app_and_are_no_trouble(handler: LambdaHandler) -> None:
    event = http_event("GET", "/api/echo?text=x", headers={"cookie": "a=1; b=2"})
    assert event["cookies"] == ["a=1", "b=2"]

    assert handler(event, None)["statusCode"] == 200
