"""Who may come in, and by which key."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from tests.gateway import Cloud, create_table

EVENTS = Path(__file__).parents[3] / "events"


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


async def test_a_handshake_is_taken_as_api_gateway_tells_it(cloud: Cloud) -> None:
    told = json.loads((EVENTS / "websocket_connect.json").read_text())

    assert await cloud.sockets(told, None) == {"statusCode": 200}
    assert ("connection#L0SM9cOFvHcCIhw=", ".") in cloud.rows()
