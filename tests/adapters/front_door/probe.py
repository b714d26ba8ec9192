"""What the tests of the front door ask for: two questions, a key, and endpoints of their own."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from lib.endpoint import Endpoint, Reply, Request

KEY = "dm_a-key-of-the-tests"
KEYS = {"API_KEYS": f"tester:{sha256(KEY.encode()).hexdigest()}"}
PRICE = "/api/price/BTC"
MARKET = "/api/market?limit=20"


class Nothing(Request):
    """Nothing to choose."""


def endpoint(call: Callable[..., Awaitable[Any]], **how: Any) -> Endpoint:
    """An endpoint of the tests at `/probe`."""
    return Endpoint(
        **{"method": "GET", "path": "/probe", "request": Nothing, "reply": Reply, "call": call}
        | how
    )
