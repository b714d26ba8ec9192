"""Where the venues' streams are, unless a setting says otherwise."""

import json
from urllib.parse import urlsplit

import pytest

from lib.market import Pair
from lib.streams.base import Wanted
from lib.streams.venues import build_streams

pytestmark = pytest.mark.anyio

OPEN = (80, 443, 8080)
"""The ports that a Space reaches. https://huggingface.co/docs/hub/spaces-overview#networking"""


async def token() -> bytes:
    server = {"endpoint": "wss://ws-api-spot.kucoin.com/", "pingInterval": 18000}
    return json.dumps(
        {"code": "200000", "data": {"token": "t", "instanceServers": [server]}}
    ).encode()


async def test_every_stream_is_within_reach_of_a_space() -> None:
    wanted = [Wanted("tickers", Pair("BTC", "USDT"))]
    addresses = {
        stream.name: urlsplit((await stream.address(wanted)).url)
        for stream in build_streams({}, token)
    }

    ports = {name: (url.scheme, url.port or 443) for name, url in addresses.items()}

    assert {name: at for name, at in ports.items() if at[0] != "wss" or at[1] not in OPEN} == {}
    assert len(ports) == 5
