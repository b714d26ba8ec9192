"""The sandbox in a process of its own, as a benchmark wants it: slower, larger, and with a list
of what it was asked. Its objects are not ours to look through, and its work is not on our core."""

import asyncio
import contextlib
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.sandbox import create_sandbox
from loopback import free_port

EXCHANGE_INFO: Final = "/binance/api/v3/exchangeInfo"
ASKED: Final = "/asked"

_spawn = multiprocessing.get_context("spawn")


class SharedTime:
    """Unix milliseconds that another process reads."""

    def __init__(self, now_ms: int) -> None:
        self.value: Any = _spawn.Value("q", now_ms, lock=False)


@contextlib.contextmanager
def upstream(
    *,
    wait_s: float = 0.0,
    large_bytes: int = 0,
    shared: SharedTime | None = None,
    remembers: bool = False,
) -> Iterator[str]:
    """Its address, while it runs.

    Args:
        wait_s: how long each answer takes.
        large_bytes: how large the first venue's list of pairs is; 0 leaves it as it is.
        shared: a clock to go by, instead of the machine's.
        remembers: says the same again when it is asked the same, which costs it nothing.
    """
    port = free_port()
    clock = shared.value if shared else None
    given = (port, wait_s, large_bytes, clock, remembers)
    process = _spawn.Process(target=serve, args=given, daemon=True)
    process.start()
    root = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(root + ASKED)
                break
            time.sleep(0.1)
        yield root
    finally:
        process.terminate()
        process.join(5)


def asked(root: str) -> Counter[str]:
    """What it was asked so far, by path and query."""
    return Counter(httpx.get(root + ASKED).json())


def serve(port: int, wait_s: float, large_bytes: int, clock: Any, remembers: bool) -> None:
    """Runs in the other process."""
    sandbox = create_sandbox(1, (lambda: int(clock.value)) if clock else None)
    app: ASGIApp = Large(sandbox, large_bytes) if large_bytes else sandbox
    app = Slow(Remembering(app) if remembers else app, wait_s)
    uvicorn.run(app, port=port, log_config=None, access_log=False, lifespan="off", backlog=4096)


class Slow:
    """Waits before each answer, and counts the questions."""

    def __init__(self, app: ASGIApp, wait_s: float) -> None:
        self._app = app
        self._wait_s = wait_s
        self._asked: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == ASKED:
            await _answer(send, json.dumps(self._asked).encode())
            return
        if scope["type"] == "http":
            self._asked[f"{scope['path']}?{scope['query_string'].decode()}"] += 1
            await asyncio.sleep(self._wait_s)
        await self._app(scope, receive, send)


class Remembering:
    """Answers the second time as the first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._said: dict[str, list[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        question = f"{scope['path']}?{scope['query_string'].decode()}"
        if question not in self._said:
            said: list[Any] = []

            async def keep(message: Any) -> None:
                said.append(message)

            await self._app(scope, receive, keep)
            self._said[question] = said
        for message in self._said[question]:
            await send(message)


class Large:
    """One answer is as large as the real one."""

    def __init__(self, app: ASGIApp, size: int) -> None:
        self._app = app
        self._size = size
        self._body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != EXCHANGE_INFO:
            await self._app(scope, receive, send)
            return
        self._body = self._body or await self._blow_up(scope, receive)
        await _answer(send, self._body)

    async def _blow_up(self, scope: Scope, receive: Receive) -> bytes:
        pieces: list[bytes] = []

        async def keep(message: Any) -> None:
            pieces.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        info = json.loads(b"".join(pieces))
        rows = info["symbols"]
        turns = self._size // len(json.dumps(rows)) + 1
        info["symbols"] = [_renamed(row, turn) for turn in range(turns) for row in rows]
        return json.dumps(info).encode()


def _renamed(row: dict[str, Any], turn: int) -> dict[str, Any]:
    ending = str(turn or "")
    names = {name: row[name] + ending for name in ("symbol", "baseAsset")}
    return row | names


async def _answer(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
