"""From an answer to what Lambda takes: base64, and no more than 6 MB."""

import base64
import gzip
import json

import pytest

from adapters.aws_lambda import LARGEST_ANSWER, LambdaHandler
from rehearsal.events import http_event
from tests.adapters.aws_lambda.echo import code


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
