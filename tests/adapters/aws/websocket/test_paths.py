"""A path is asked of the HTTP API, and what comes of it is passed on."""

import httpx
import pytest

from tests.gateway import Cloud


async def test_a_path_is_asked_of_the_http_api_and_its_refusal_passed_on(cloud: Cloud) -> None:
    await cloud.connect("a")

    told = await cloud.say("a", {"action": "subscribe", "service": "/api/price/BTC?x=%2F"})

    assert told == [{"success": False}]
    assert cloud.gateway.paths == ["/api/price/BTC?x=%2F"]


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx.ReadTimeout("late"), "TIMEOUT"),
        (httpx.ConnectError("nobody"), "UPSTREAM_UNAVAILABLE"),
    ],
)
async def test_a_path_that_does_not_answer_is_told(
    cloud: Cloud, failure: Exception, code: str
) -> None:
    await cloud.connect("a")
    cloud.gateway.path_answers = {"/api/stats": failure}

    (told,) = await cloud.say("a", {"action": "subscribe", "service": "/api/stats"})

    assert told["error"]["code"] == code


async def test_an_answer_that_no_message_can_carry_is_refused(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.gateway.path_answers = {"/api/market": httpx.Response(200, content=b"x" * 131_073)}

    (told,) = await cloud.say("a", {"action": "subscribe", "service": "/api/market"})

    assert told["error"]["code"] == "PAYLOAD_TOO_LARGE"
