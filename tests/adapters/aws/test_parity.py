"""The same words get the same answers through API Gateway as on a socket of our own."""

import asyncio
import json
from typing import Any

import pytest

from adapters.live import Live
from adapters.websocket import SocketApp
from functions import load_channels
from tests.gateway import Cloud, create_table
from tests.house import House

pytestmark = pytest.mark.anyio

CHANNELS = {channel.name: channel for channel in load_channels()}
LIMITS = {"WS_MAX_SYMBOLS": "3"}

GREETED = [
    {"action": "subscribe", "channel": "ticker", "symbols": ["btc", "ETHUSDT", "!", "NOSUCHCOIN"]},
    {"action": "subscribe", "symbols": "SOL,BTC,XRP"},
    {"type": "ping"},
    {"action": "unsubscribe", "symbols": ["ETH", "ADA"]},
    {"action": "subscribe", "symbols": ["XRP"]},
    {"action": "subscribe", "channel": "trades", "symbols": ["BTC"]},
    {"action": "subscribe", "symbols": []},
    {"action": "subscribe", "symbols": [5, None]},
    {"action": "unsubscribe"},
    {"action": "sell"},
    {"type": "auth", "token": "unknown"},
    {"type": "pong"},
    [],
    "a text",
    None,
]
ANY = [
    {"type": "ping"},
    {"type": "subscribe"},
    {"action": "subscribe", "channel": "nosuch", "symbols": ["BTC"]},
    {"action": "subscribe", "channel": "ohlcv", "symbols": ["BTC"], "timeframe": "7m"},
    {"action": "subscribe", "service": "no path"},
    {"action": "unsubscribe", "service": "/api/market"},
    {"action": "unsubscribe", "symbol": "BTC"},
]


async def on_a_socket_of_our_own(channel: str, texts: list[str]) -> list[Any]:
    """What a client is told, the values themselves left out."""
    said: asyncio.Queue[Any] = asyncio.Queue()
    told: list[Any] = []
    async with House(settings=LIMITS, endpoints=()) as house:
        live = Live(house.runtime, load_channels(), ())
        scope = {"type": "websocket", "headers": [], "client": ("203.0.113.7", 1), "path": "/"}

        async def send(message: Any) -> None:
            if message["type"] == "websocket.send":
                told.append(json.loads(message.get("text") or message["bytes"]))

        for message in ({"type": "websocket.connect"}, *map(_frame, texts)):
            said.put_nowait(message)
        said.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await SocketApp(CHANNELS[channel], live.station)(scope, said.get, send)
    return settled(told)


async def through_api_gateway(channel: str, texts: list[str], account: str) -> list[Any]:
    """What a client is told, the values themselves left out."""
    cloud = Cloud(account, create_table(account), **LIMITS)
    async with cloud.house:
        await cloud.connect("a", channel)
        for text in texts:
            await cloud.say("a", text)
    return settled(cloud.gateway.posted["a"])


def settled(told: list[Any]) -> list[Any]:
    """Messages without values; all topics are left in no particular order."""
    kept = [message for message in told if "data" not in message]
    return [m | ({"accepted": sorted(m["accepted"])} if "accepted" in m else {}) for m in kept]


def _frame(text: str) -> Any:
    return {"type": "websocket.receive", "text": text}


@pytest.mark.parametrize(
    ("channel", "messages"), [("ticker", GREETED), ("market_data", ANY)], ids=["ticker", "any"]
)
async def test_the_same_words_get_the_same_answers(
    account: str, channel: str, messages: list[Any]
) -> None:
    texts = [json.dumps(message) for message in messages] + ["{", "", "[" * 5000]

    ours = await on_a_socket_of_our_own(channel, texts)
    theirs = await through_api_gateway(channel, texts, account)

    assert ours[-1]["error"]["code"] == "INVALID_PARAMETER"  # it heard all of them
    assert theirs == ours
