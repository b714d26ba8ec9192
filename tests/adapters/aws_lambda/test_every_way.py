"""By every way into Lambda the same request has the same answer."""

import base64
import gzip
import json

import httpx
import pytest
from mangum import Mangum

from adapters.asgi import create_app
from adapters.aws_lambda import LARGEST_ANSWER, Enveloped, LambdaHandler
from lib.context import Context
from lib.endpoint import Document, Endpoint, Reply, Request
from lib.runtime import build_runtime
from lib.settings import Settings
from rehearsal.events import http_event
from tests.adapters.aws_lambda.ways import Event, Way, function_url, load_balancer, rest_api


class TextRequest(Request):
    text: str = ""


class TextReply(Reply):
    text: str


async def text(request: TextRequest, ctx: Context) -> TextReply:
    return TextReply(text=request.text)


async def much(request: TextRequest, ctx: Context) -> Document:
    return Document(bytes(int(request.text)), "application/octet-stream")


ENDPOINTS = tuple(
    Endpoint(
        method=method,  # type: ignore[arg-type]
        path=path,
        request=TextRequest,
        reply=TextReply,
        call=call,
        cached=False,
    )
    for method, path, call in (
        ("GET", "/api/text", text),
        ("GET", "/api/text/{text:path}", text),
        ("POST", "/api/text", text),
        ("GET", "/api/much", much),
    )
)


@pytest.fixture
def handler() -> LambdaHandler:
    runtime = build_runtime(
        Settings.load({}), transport=httpx.MockTransport(lambda _: httpx.Response(503)), names=[]
    )
    app = create_app(ENDPOINTS, runtime)
    return LambdaHandler(lambda: Mangum(Enveloped(app), lifespan="off"))


@pytest.fixture(params=[http_event, function_url, rest_api, load_balancer])
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param
    return made


def headers_of(answer: Event) -> dict[str, str]:
    """What the caller is sent, in whichever of the two forms."""
    many = {name: values[-1] for name, values in answer.get("multiValueHeaders", {}).items()}
    return {name.lower(): value for name, value in (answer.get("headers") or many).items()}


def bytes_of(answer: Event) -> bytes:
    body: str = answer["body"]
    return base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()


def error_of(answer: Event) -> tuple[int, str]:
    told = json.loads(answer["body"])
    assert headers_of(answer)["content-type"] == "application/json"
    return answer["statusCode"], told["error"]["code"]


@pytest.mark.parametrize(
    ("spelling", "meant"),
    [("BTC%2FUSDT", "BTC/USDT"), ("BTC%252FUSDT", "BTC%2FUSDT"), ("BTC/USDT", "BTC/USDT")],
)
def test_a_symbol_is_decoded_once(
    handler: LambdaHandler, way: Way, spelling: str, meant: str
) -> None:
    answer = handler(way("GET", f"/api/text/{spelling}"), None)

    assert json.loads(answer["body"])["text"] == meant


def test_of_a_repeated_key_the_last_counts(handler: LambdaHandler, way: Way) -> None:
    answer = handler(way("GET", "/api/text?text=one&text=t%26wo"), None)

    assert json.loads(answer["body"])["text"] == "t&wo"


def test_a_text_body_arrives(handler: LambdaHandler, way: Way) -> None:
    answer = handler(way("POST", "/api/text", body='{"text":"grüße"}'.encode()), None)

    assert json.loads(answer["body"])["text"] == "grüße"


def test_a_body_in_base64_arrives(handler: LambdaHandler, way: Way) -> None:
    event = way("POST", "/api/text")
    event |= {"body": base64.b64encode(b'{"text":"hi"}').decode(), "isBase64Encoded": True}

    assert json.loads(handler(event, None)["body"])["text"] == "hi"


def test_bytes_that_are_no_text_are_refused(handler: LambdaHandler, way: Way) -> None:
    answer = handler(way("POST", "/api/text", body=bytes(range(256))), None)

    assert error_of(answer) == (400, "INVALID_PARAMETER")


def test_a_compressed_body_is_refused(handler: LambdaHandler, way: Way) -> None:
    body = gzip.compress(b'{"text":"hi"}')
    answer = handler(
        way("POST", "/api/text", headers={"content-encoding": "gzip"}, body=body), None
    )

    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_compressed_answer_goes_back_as_base64(handler: LambdaHandler, way: Way) -> None:
    target = "/api/text?text=" + "a" * 900
    plain = handler(way("GET", target), None)
    packed = handler(way("GET", target, headers={"accept-encoding": "gzip"}), None)

    assert packed["isBase64Encoded"] is True
    assert headers_of(packed)["content-encoding"] == "gzip"
    assert gzip.decompress(bytes_of(packed)) == bytes_of(plain)


def test_a_binary_answer_goes_back_as_base64(handler: LambdaHandler, way: Way) -> None:
    answer = handler(way("GET", "/api/much?text=300"), None)

    assert answer["isBase64Encoded"] is True
    assert bytes_of(answer) == bytes(300)


def test_what_counts_of_a_binary_answer_is_its_base64(handler: LambdaHandler, way: Way) -> None:
    fits = LARGEST_ANSWER // 4 * 3 - 1000
    answers = [handler(way("GET", f"/api/much?text={size}"), None) for size in (fits, fits + 2000)]

    assert bytes_of(answers[0]) == bytes(fits)
    assert error_of(answers[1]) == (413, "PAYLOAD_TOO_LARGE")
    assert len(json.dumps(answers[0])) < 6_291_556


def test_cookies_are_no_trouble(handler: LambdaHandler, way: Way) -> None:
    answer = handler(way("GET", "/api/text?text=x", headers={"cookie": "a=1; b=2"}), None)

    assert json.loads(answer["body"])["text"] == "x"


def test_head_answers_without_a_body(handler: LambdaHandler, way: Way) -> None:
    got = handler(way("GET", "/api/text?text=x"), None)
    answer = handler(way("HEAD", "/api/text?text=x"), None)

    assert (answer["statusCode"], answer["body"]) == (200, "")
    assert headers_of(answer)["content-length"] == headers_of(got)["content-length"]


def test_a_preflight_is_answered(handler: LambdaHandler, way: Way) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
    answer = handler(way("OPTIONS", "/api/text", headers=asked), None)

    assert answer["statusCode"] == 204
    assert headers_of(answer)["access-control-allow-origin"] == "https://app.example"


def test_a_load_balancer_gets_a_refusals_headers_in_the_form_that_it_asked_in(
    handler: LambdaHandler,
) -> None:
    answer = handler(load_balancer("GET", f"/api/much?text={LARGEST_ANSWER}"), None)

    assert answer["multiValueHeaders"]["content-type"] == ["application/json"]
    assert answer["multiValueHeaders"]["x-content-type-options"] == ["nosniff"]


def test_a_path_that_nobody_has_is_refused_in_the_envelope(
    handler: LambdaHandler, way: Way
) -> None:
    assert error_of(handler(way("GET", "/nowhere"), None)) == (404, "NOT_FOUND")
