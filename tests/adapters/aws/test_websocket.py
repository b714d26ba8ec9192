"""Behaviour of API Gateway's sockets: handshakes, messages, and who is remembered."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rehearsal.events import socket_event
from tests.gateway import Cloud, create_table

pytestmark = pytest.mark.anyio

EVENTS = Path(__file__).parents[2] / "events"
SUBSCRIBE = {"action": "subscribe", "channel": "ticker", "symbols": ["BTC/USDT", "eth"]}


@pytest.fixture
async def cloud(account: str) -> AsyncIterator[Cloud]:
    made = Cloud(account, create_table(account), WS_MAX_SYMBOLS="3")
    async with made.house:
        yield made


async def test_a_subscription_is_answered_as_on_a_socket_of_our_own(cloud: Cloud) -> None:
    assert await cloud.connect("a=", "ticker") == {"statusCode": 200}

    hello, told, *first = await cloud.say("a=", SUBSCRIBE)

    assert hello == {
        "type": "connection",
        "status": "connected",
        "channels": ["ticker"],
        "timestamp": cloud.clock.now_ms(),
    }
    assert told == {
        "type": "subscribed",
        "channel": "ticker",
        "accepted": ["BTC/USDT", "ETH/USDT"],
        "rejected": [],
        "timestamp": cloud.clock.now_ms(),
    }
    assert [(m["channel"], m["data"]["symbol"], m["source"]) for m in first] == [
        ("ticker", "BTC/USDT", "binance"),
        ("ticker", "ETH/USDT", "binance"),
    ]
    assert first[0]["seq"] < first[1]["seq"]


async def test_without_a_channel_the_first_frame_is_the_answer(cloud: Cloud) -> None:
    await cloud.connect("a")

    data, told = await cloud.say("a", {"type": "subscribe", "symbol": "BTC"})

    assert (data["type"], data["data"]["symbol"]) == ("market_data", "BTC/USDT")
    assert told["type"] == "subscribed"


async def test_the_table_knows_who_follows_what(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)
    await cloud.say("a", {"action": "unsubscribe", "symbols": ["ETH"]})

    assert cloud.rows() == [
        ("connection#a", "."),
        ("topic#ticker:BTC/USDT", "a"),
        ("topics", "ticker:BTC/USDT"),
        ("topics", "ticker:ETH/USDT"),
    ]


async def test_every_row_runs_out_after_the_longest_life_of_a_connection(cloud: Cloud) -> None:
    await cloud.connect("a", "trades")
    await cloud.say("a", {"action": "subscribe", "symbols": ["BTC"]})

    rows = cloud.table.scan()["Items"]

    assert len(rows) == 3
    assert {int(row["expires_at"]) - cloud.clock.now_ms() // 1000 for row in rows} == {7800}


async def test_who_leaves_leaves_no_row_but_that_of_the_topic(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)

    await cloud.disconnect("a")

    assert {pk for pk, _ in cloud.rows()} == {"topics"}


async def test_symbols_over_the_limit_are_rejected_and_the_rest_accepted(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    await cloud.say("a", SUBSCRIBE)

    told = await cloud.say("a", {"action": "subscribe", "symbols": ["SOL", "XRP"]})

    assert told[0]["accepted"] == ["SOL/USDT"]
    assert told[0]["rejected"] == [
        {"symbol": "XRP", "reason": "over the limit of 3 symbols a connection"}
    ]


async def test_a_symbol_that_no_source_lists_is_rejected(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")

    _, told = await cloud.say("a", {"action": "subscribe", "symbols": ["NOSUCHCOIN"]})

    assert told["rejected"] == [{"symbol": "NOSUCHCOIN", "reason": "no source lists it"}]


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


async def test_who_is_gone_when_answered_is_forgotten(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")
    cloud.gateway.gone.add("a")

    await cloud.say("a", SUBSCRIBE)

    assert {pk for pk, _ in cloud.rows()} == {"topics"}


async def test_a_busy_gateway_is_asked_again(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.gateway.refusals = [429, 503]

    assert len(await cloud.say("a", {"type": "ping"})) == 1


async def test_of_messages_at_once_none_undoes_another(cloud: Cloud) -> None:
    await cloud.connect("a", "ticker")

    said = [cloud.say("a", {"action": "subscribe", "symbols": [s]}) for s in ("BTC", "ETH", "SOL")]
    await asyncio.gather(*said)

    one = await cloud.connections.find("a")
    assert one
    assert {topic.pair.base for topic in one.topics} == {"BTC", "ETH", "SOL"}
    assert sum(m["type"] == "connection" for m in cloud.gateway.posted["a"] if "type" in m) == 1


@pytest.mark.parametrize(
    ("channel", "status", "code"), [("nosuch", 400, "INVALID_PARAMETER"), ("", 429, "RATE_LIMITED")]
)
async def test_a_handshake_can_be_refused(
    account: str, channel: str, status: int, code: str
) -> None:
    cloud = Cloud(account, create_table(account), RATE_LIMIT_IP="1" if not channel else "0")
    async with cloud.house:
        if not channel:
            await cloud.connect("first")
        answer = await cloud.connect("a", channel)

    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["error"]["code"] == code
    assert ("connection#a", ".") not in cloud.rows()


@pytest.mark.parametrize("where", ["header", "message"])
async def test_a_key_counts_wherever_it_comes(account: str, where: str) -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    limits = {"RATE_LIMIT_IP": "1", "RATE_LIMIT_KEY": "5", "API_KEYS": f"ann:{digest}"}
    cloud = Cloud(account, create_table(account), **limits)
    cloud.gateway.path_answers = {"/health": httpx.Response(200, json={"status": "healthy"})}
    ask = {"action": "subscribe", "service": "/health"}
    async with cloud.house:
        if where == "header":
            await cloud.connect("a", authorization="Bearer secret")
        else:
            await cloud.connect("a")
            await cloud.say("a", {"type": "auth", "token": "secret"})
        row = cloud.table.get_item(Key={"pk": "connection#a", "sk": "."})["Item"]
        told = await cloud.say("a", ask)

    assert row["key_name"] == "ann"
    assert "secret" not in str(cloud.table.scan())
    assert told == [
        {"status": "healthy"},
        {
            "type": "subscribed",
            "service": "/health",
            "updates": False,
            "timestamp": cloud.clock.now_ms(),
        },
    ]


async def test_an_unknown_key_is_anonymous(cloud: Cloud) -> None:
    await cloud.connect("a", x_api_key="wrong")

    assert cloud.table.get_item(Key={"pk": "connection#a", "sk": "."})["Item"]["key_name"] == ""


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


async def test_a_table_that_fails_is_told_in_the_envelope(cloud: Cloud) -> None:
    await cloud.connect("a")
    cloud.table.delete()

    (told,) = await cloud.say("a", {"type": "ping"})

    assert told["error"]["code"] == "INTERNAL_ERROR"
    assert (await cloud.connect("b"))["statusCode"] == 500


async def test_a_handshake_is_taken_as_api_gateway_tells_it(cloud: Cloud) -> None:
    told = json.loads((EVENTS / "websocket_connect.json").read_text())

    assert await cloud.sockets(told, None) == {"statusCode": 200}
    assert ("connection#L0SM9cOFvHcCIhw=", ".") in cloud.rows()


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
