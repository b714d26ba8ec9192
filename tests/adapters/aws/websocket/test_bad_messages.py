"""Messages and events that are not what they should be, and a gateway or table that fails."""

import json
from typing import Any

import pytest

from rehearsal.events import socket_event
from tests.gateway import Cloud


@pytest.mark.parametrize(
    "text", ["{", "[]", "nothing", "\ud800", '{"action":"sell"}', '{"action":"subscribe"}']
)
async def test_bad_grammar_is_answered_and_the_connection_stays(cloud: Cloud, text: str) -> None:
    await cloud.connect("a")

    (told,) = await cloud.say("a", text)

    assert told["error"]["code"] == "INVALID_PARAMETER"
    assert await cloud.say("a", {"type": "ping"}) == [
        {"type": "pong", "timestamp": cloud.clock.now_ms()}
    ]


async def test_a_message_that_is_too_large_ends_the_connection(cloud: Cloud) -> None:
    await cloud.connect("a")

    (told,) = await cloud.say("a", "x" * 65_537)

    assert told["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert cloud.gateway.closed == ["a"]
    assert cloud.rows() == []


async def test_a_binary_message_ends_the_connection(cloud: Cloud) -> None:
    await cloud.connect("a")
    event = socket_event("$default", "a", body="AAEC") | {"isBase64Encoded": True}

    await cloud.sockets(event, None)

    assert cloud.gateway.posted["a"][0]["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert cloud.gateway.closed == ["a"]


async def test_a_connection_that_has_run_out_is_told_to_come_again(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.clock.advance(7801)

    (told,) = await cloud.say("a", {"type": "ping"})

    assert told["error"]["code"] == "NOT_FOUND"
    assert cloud.gateway.closed == ["a"]


async def test_a_busy_gateway_is_asked_again(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.gateway.refusals = [429, 503]

    assert len(await cloud.say("a", {"type": "ping"})) == 1


async def test_a_table_that_fails_is_told_in_the_envelope(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.table.delete()

    (told,) = await cloud.say("a", {"type": "ping"})

    assert told["error"]["code"] == "INTERNAL_ERROR"
    assert (await cloud.connect("b"))["statusCode"] == 500


@pytest.mark.parametrize("route", ["$connect", "$disconnect"])
async def test_a_message_cannot_pass_for_another_event(cloud: Cloud, route: str) -> None:
    await cloud.connect("a", "ticker")
    event = socket_event("$default", "a", body=json.dumps({"action": route}))
    event["requestContext"]["routeKey"] = route

    await cloud.sockets(event, None)

    assert cloud.gateway.posted["a"][-1]["error"]["code"] == "INVALID_PARAMETER"
    assert ("connection#a", ".") in cloud.rows()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"source": "aws.events", "detail-type": "Scheduled Event"},
        {"requestContext": {"eventType": "OTHER", "connectionId": "a"}},
        {"requestContext": {"http": {"method": "GET"}}},
    ],
)
async def test_an_event_of_another_kind_is_refused(cloud: Cloud, event: dict[str, Any]) -> None:
    answer = await cloud.sockets(event, None)

    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["error"]["code"] == "INVALID_PARAMETER"
