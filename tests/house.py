"""The whole service in one process over the sandbox, on a clock that stands still, asked as a
server would ask it: raw targets in, raw answers out."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import unquote

import brotli
import httpx
import zstandard

from adapters.asgi import create_app
from functions import load_endpoints
from lib.endpoint import Endpoint
from lib.observe import Observer
from lib.runtime import build_runtime, load_providers
from lib.sandbox import PROVIDERS, create_sandbox
from lib.sandbox.market import Market
from lib.settings import Settings
from tests.conftest import StillClock

NOW_MS = 1_764_000_123_000
"""Monday 24 November 2025, 16:02:03 UTC."""

PLAYED = [n for n in load_providers() if n in PROVIDERS or n == "embedded_forecast"]
"""Providers that the sandbox can play, and the models that ship with the service."""

MARKET = Market(1)

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "br": lambda body: bytes(brotli.decompress(body)),
    "gzip": gzip.decompress,
    "": bytes,
}


class Answer:
    """One answer as it stood on the wire."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.raw_headers = headers
        self.headers = {name.decode(): value.decode("latin-1") for name, value in headers}
        self.body = body

    @property
    def plain(self) -> bytes:
        """The body without its content coding."""
        return DECODERS[self.headers.get("content-encoding", "")](self.body)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.plain)

    @property
    def max_age(self) -> int:
        """Seconds that a cache may keep it."""
        return int(self.headers["cache-control"].split("max-age=")[1].split(",")[0])

    @property
    def error(self) -> Any:
        """Code and details of a refusal, the envelope checked on the way."""
        told = self.json
        assert set(told) == {"success", "error", "timestamp"}
        assert told["success"] is False
        assert isinstance(told["timestamp"], int)
        assert set(told["error"]) == {"code", "message", "details"}
        return told["error"]

    def __repr__(self) -> str:
        return f"Answer({self.status}, {self.headers}, {self.body[:400]!r})"


def canned(answers: Mapping[str, Any]) -> httpx.MockTransport:
    """Upstreams that say what a test tells them, by path (`/binance/api/v3/ticker/24hr`); a number
    is a status, and what is not listed is a 404."""

    def answer(request: httpx.Request) -> httpx.Response:
        said = answers.get(request.url.path, 404)
        return httpx.Response(said) if isinstance(said, int) else httpx.Response(200, json=said)

    return httpx.MockTransport(answer)


class House:
    """A service to be asked. `sandbox.state` counts its calls and sets its faults."""

    def __init__(
        self,
        *,
        faults: Mapping[str, str] | None = None,
        upstream: httpx.AsyncBaseTransport | None = None,
        endpoints: Iterable[Endpoint] | None = None,
        clock: StillClock | None = None,
        settings: Mapping[str, str] | None = None,
        sandbox: bool = False,
        observer: Observer | None = None,
        names: Sequence[str] = PLAYED,
        **wiring: Any,
    ) -> None:
        self.clock = clock or StillClock(NOW_MS)
        self.sandbox = create_sandbox(1, self.clock.now_ms, faults)
        # the market is a pure function that remembers: houses may share what it remembers
        object.__setattr__(self.sandbox.state.world, "market", MARKET)
        environ = {f"{name.upper()}_BASE_URL": f"http://sandbox/{name}" for name in PLAYED}
        environ |= {"RATE_LIMIT_IP": "0"} | dict(settings or {})
        self.runtime = build_runtime(
            Settings.load(environ),
            transport=upstream or httpx.ASGITransport(self.sandbox),
            clock=self.clock,
            observer=observer,
            names=list(names),
            sandbox=sandbox,
            hedge_s=2.0,  # a slow machine must not look like a slow source
        )
        self.counted: list[tuple[str, int, str]] = []
        self.app = create_app(
            load_endpoints() if endpoints is None else list(endpoints),
            self.runtime,
            counted=lambda *what: self.counted.append(what),
            **wiring,
        )

    async def ask(
        self,
        method: str,
        target: str | bytes,
        headers: Mapping[str, str] | Iterable[tuple[bytes, bytes]] = (),
        body: bytes | Iterable[bytes] = b"",
        peer: str = "203.0.113.7",
    ) -> Answer:
        """Send one request; the target goes out as it is."""
        raw = target.encode() if isinstance(target, str) else target
        raw_path, _, query = raw.partition(b"?")
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        listed = [
            (n.lower().encode(), v.encode("latin-1")) if isinstance(n, str) else (n, v)
            for n, v in pairs
        ]
        pieces = [body] if isinstance(body, bytes) else list(body)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(raw_path.decode("latin-1")),
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"test"), *listed],
            "client": (peer, 40000),
            "server": ("test", 80),
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            if not pieces:
                return {"type": "http.disconnect"}
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *rest = sent
        assert start["type"] == "http.response.start"
        assert [m["type"] for m in rest] == ["http.response.body"]
        return Answer(start["status"], start["headers"], rest[0].get("body", b""))

    async def get(self, target: str | bytes, **headers: str) -> Answer:
        """GET; header names are written with underscores."""
        return await self.ask("GET", target, {k.replace("_", "-"): v for k, v in headers.items()})

    async def post(self, target: str, value: object, **headers: str) -> Answer:
        """POST a value as JSON."""
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return await self.ask(
            "POST",
            target,
            {"content-type": "application/json", **named},
            json.dumps(value).encode(),
        )

    @property
    def calls(self) -> int:
        """How many requests the sandbox's providers have answered."""
        calls = self.sandbox.state.calls
        return sum(count for name, count in calls.items() if not name.startswith("/"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runtime.aclose()
