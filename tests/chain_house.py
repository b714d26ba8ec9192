"""The service over every provider that the sandbox plays, with the endpoints of chains."""

from collections.abc import Mapping

import httpx

from adapters.asgi import create_app
from functions import (
    blockchain_transactions,
    defi,
    gas,
    service_chain_views,
    whale_alerts,
)
from lib.runtime import build_runtime
from lib.sandbox import PROVIDERS, create_sandbox
from lib.settings import Settings
from tests.conftest import StillClock
from tests.house import MARKET, NOW_MS, House

FILES = (blockchain_transactions, defi, gas, service_chain_views, whale_alerts)
ENDPOINTS = [endpoint for file in FILES for endpoint in file.endpoints]


class ChainHouse(House):
    """`settings` are environment variables beside the addresses of the sandbox."""

    def __init__(
        self,
        *,
        faults: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        upstream: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.clock = StillClock(NOW_MS)
        self.sandbox = create_sandbox(1, self.clock.now_ms, faults)
        object.__setattr__(self.sandbox.state.world, "market", MARKET)  # it remembers: saves time
        environ = {f"{name.upper()}_BASE_URL": f"http://sandbox/{name}" for name in PROVIDERS}
        environ |= {"RATE_LIMIT_IP": "0"} | dict(settings or {})
        self.runtime = build_runtime(
            Settings.load(environ),
            transport=upstream or httpx.ASGITransport(self.sandbox),
            clock=self.clock,
            hedge_s=2.0,
        )
        self.app = create_app(ENDPOINTS, self.runtime)
