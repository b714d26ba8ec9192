"""Whatever breaks is told in the envelope, and nothing private in it."""

import json
from collections.abc import Callable
from typing import Any

from mangum import Mangum

from adapters.aws_lambda import Enveloped, LambdaHandler, build_app
from rehearsal.events import http_event
from tests.adapters.aws_lambda.echo import ENDPOINTS, build, code


def test_an_event_that_contradicts_itself_is_an_error_in_the_envelope(
    handler: LambdaHandler,
) -> None:
    event = http_event("POST", "/api/told") | {"body": "abc", "isBase64Encoded": True}

    assert code(handler(event, None)) == (500, "INTERNAL_ERROR")


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


def test_an_error_is_a_problem_document_for_who_asks_for_one() -> None:
    handler = LambdaHandler(lambda: build_app(ENDPOINTS, {"DEBUG": "?"}))
    asked = {"Accept": "application/problem+json"}

    answer = handler(http_event("GET", "/api/echo", headers=asked), None)

    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "INTERNAL_ERROR"
