"""The sandbox with venues that say something else: other prices, or ever the same."""

import json
from collections.abc import Callable
from typing import Any

import httpx

Twist = Callable[[bytes], bytes]

TICKERS = {
    "binance": "/binance/api/v3/ticker/24hr",
    "kraken": "/kraken/0/public/Ticker",
    "okx": "/okx/api/v5/market/tickers",
    "kucoin": "/kucoin/api/v1/market/allTickers",
}
"""Where a venue tells all its prices."""

ROWS: dict[str, Callable[[Any], list[dict[str, Any]]]] = {
    "binance": lambda body: body,
    "kraken": lambda body: list(body["result"].values()),
    "okx": lambda body: body["data"],
    "kucoin": lambda body: body["data"]["ticker"],
}
LAST = {"binance": "lastPrice", "kraken": "c", "okx": "last", "kucoin": "last"}


class Twisted(httpx.AsyncBaseTransport):
    """Hands calls on, and twists answers of venues that are told to: set `twists[venue]`."""

    def __init__(self) -> None:
        self.inner: httpx.AsyncBaseTransport | None = None
        self.twists: dict[str, Twist] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.inner
        answer = await self.inner.handle_async_request(request)
        venue = request.url.path.split("/")[1]
        if venue not in self.twists or request.url.path != TICKERS[venue]:
            return answer
        body = self.twists[venue](await answer.aread())
        return httpx.Response(200, headers={"content-type": "application/json"}, content=body)


def times(venue: str, factor: float) -> Twist:
    """All prices of a venue, so many times as high."""

    def twist(body: bytes) -> bytes:
        told = json.loads(body)
        for row in ROWS[venue](told):
            name = LAST[venue]
            if isinstance(row[name], list):
                row[name][0] = str(float(row[name][0]) * factor)
            else:
                row[name] = str(float(row[name]) * factor)
        return json.dumps(told).encode()

    return twist


def ever_the_same() -> Twist:
    """Whatever was said first."""
    first: list[bytes] = []

    def twist(body: bytes) -> bytes:
        first[:] = first or [body]
        return first[0]

    return twist
