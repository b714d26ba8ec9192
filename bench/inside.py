"""The service in this process, over upstreams in memory and a clock that a benchmark moves."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from adapters.asgi import create_app
from adapters.front_door import FrontDoor
from functions import load_endpoints
from lib.runtime import Runtime, build_runtime, load_providers
from lib.sandbox import PROVIDERS, create_sandbox
from lib.settings import Settings

NAMES = [name for name in load_providers() if name in PROVIDERS]
NOW_MS = 1_764_000_123_000


class SteppedClock:
    """Wall and monotonic time in step."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._now_ms / 1000

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_ms += round(seconds * 1000)


class Memory(httpx.AsyncBaseTransport):
    """Answers with what the sandbox said the first time, at once, and remembers who asked what."""

    def __init__(self, sandbox: Any) -> None:
        self._sandbox = httpx.ASGITransport(sandbox)
        self._said: dict[object, httpx.Response] = {}
        self.asked: list[httpx.Request] = []
        self.down = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.down:
            return httpx.Response(500)
        params = request.url.params
        key = (request.url.path, params.get("symbol"), params.get("page"))
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = await self._sandbox.handle_async_request(request)
            await said.aread()
        headers = [(n, v) for n, v in said.headers.raw if n != b"transfer-encoding"]
        return httpx.Response(said.status_code, headers=headers, stream=Body(said.content))


class Body(httpx.AsyncByteStream):
    """A body in pieces, as a socket brings it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._content), 65536):
            yield self._content[start : start + 65536]


def build_house(clock: SteppedClock, **settings: str) -> tuple[FrontDoor, Runtime, Memory]:
    """Every endpoint over the sandbox's words, answered from memory."""
    memory = Memory(create_sandbox(1, clock.now_ms))
    bases = {f"{name.upper()}_BASE_URL": f"http://upstream/{name}" for name in NAMES}
    runtime = build_runtime(
        Settings.load({"RATE_LIMIT_IP": "0", **bases, **settings}),
        transport=memory,
        clock=clock,
        names=NAMES,
        hedge_s=60,
    )
    return create_app(load_endpoints(), runtime), runtime, memory


async def ask(app: FrontDoor, target: str, accept: bytes = b"identity") -> tuple[int, int]:
    """Send a request through the door; status and size of the body."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "http_version": "1.1",
        "scheme": "http",
        "headers": [(b"host", b"bench"), (b"accept-encoding", accept)],
        "client": ("127.0.0.1", 40000),
        "server": ("bench", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], len(sent[1]["body"])
