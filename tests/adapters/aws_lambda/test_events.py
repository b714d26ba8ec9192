"""Events of other kinds: a clear error, unless they are HTTP too."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.aws_lambda import LambdaHandler
from tests.adapters.aws_lambda.echo import code

EVENTS = Path(__file__).parents[2] / "events"


def read(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


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
