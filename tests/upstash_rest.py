"""A small server that speaks Upstash's REST API in front of a real Redis, for tests.

https://upstash.com/docs/redis/features/restapi
"""

import asyncio
import json
import socket
import threading
import time
from base64 import b64encode
from types import TracebackType
from typing import Any
from urllib.parse import unquote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.servers import resp_command

METHODS = ["GET", "POST", "PUT", "HEAD"]


class Status(str):
    """A simple string such as `OK`, which alone is never encoded."""


class Complaint(Exception):
    """An error reply of Redis."""


async def read_reply(reader: asyncio.StreamReader) -> Any:
    """Read one RESP 2 reply; an error is returned, not raised."""
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return Status(rest.decode())
    if kind == b"-":
        return Complaint(rest.decode())
    if kind == b":":
        return int(rest)
    size = int(rest)
    if size < 0:
        return None
    if kind == b"$":
        return (await reader.readexactly(size + 2))[:-2]
    return [await read_reply(reader) for _ in range(size)]


def shape(reply: Any, *, encoded: bool) -> Any:
    """Write a reply as JSON can carry it."""
    if isinstance(reply, list):
        return [shape(item, encoded=encoded) for item in reply]
    if isinstance(reply, Status) and reply != "OK":
        reply = reply.encode()
    if isinstance(reply, bytes):
        return b64encode(reply).decode() if encoded else reply.decode("utf-8", "replace")
    if isinstance(reply, Complaint):
        return {"error": str(reply)}
    return reply


def as_words(command: Any) -> list[str]:
    """Check one command of a request's body.

    Raises:
        ValueError: it is no list of scalars, or an empty one.
    """
    if not isinstance(command, list) or not command:
        raise ValueError("ERR failed to parse command")
    if any(isinstance(word, list | dict) or word is None for word in command):
        raise ValueError("ERR failed to parse command")
    return [word if isinstance(word, str) else json.dumps(word) for word in command]


class UpstashRest:
    """The server, as a context manager; `url` and `token` are what an SDK needs."""

    def __init__(self, redis_port: int, token: str = "a-token-of-the-tests") -> None:
        self.token = token
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._redis_port = redis_port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = Starlette(
            routes=[
                Route("/", self._one, methods=["POST"]),
                Route("/pipeline", self._pipeline, methods=["POST"]),
                Route("/multi-exec", self._multi_exec, methods=["POST"]),
                Route("/{words:path}", self._path, methods=METHODS),
            ]
        )
        self._server = uvicorn.Server(
            uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False)
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    async def _one(self, request: Request) -> Response:
        return await self._answer(request, [await _json(request)])

    async def _path(self, request: Request) -> Response:
        path = request.scope["raw_path"].decode().strip("/")
        words: list[str] = [unquote(word) for word in path.split("/")]
        if body := await request.body():
            words.append(body.decode())
        for name, value in request.query_params.multi_items():
            if name != "_token":
                words += [name, value] if value else [name]
        return await self._answer(request, [words])

    async def _pipeline(self, request: Request) -> Response:
        return await self._answer(request, await _json(request), many=True)

    async def _multi_exec(self, request: Request) -> Response:
        return await self._answer(request, await _json(request), many=True, atomic=True)

    async def _answer(
        self, request: Request, commands: Any, *, many: bool = False, atomic: bool = False
    ) -> Response:
        self.requests.append((request.url.path, dict(request.headers)))
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.token not in (bearer, request.query_params.get("_token")):
            return JSONResponse({"error": "Unauthorized"}, 401)
        try:
            words = [as_words(command) for command in commands]
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)

        try:
            replies = await self._redis([["MULTI"], *words, ["EXEC"]] if atomic else words)
        except (OSError, asyncio.IncompleteReadError):
            return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)
        if atomic:
            replies = replies[-1]
            if isinstance(replies, Complaint):
                return JSONResponse({"error": str(replies)}, 400)

        encoded = request.headers.get("upstash-encoding") == "base64"
        shaped = [shape(reply, encoded=encoded) for reply in replies]
        results = [
            body if isinstance(reply, Complaint) else {"result": body}
            for reply, body in zip(replies, shaped, strict=True)
        ]
        headers = {"Upstash-Sync-Token": "tests"}
        if many:
            return JSONResponse(results, headers=headers)
        status = 400 if isinstance(replies[0], Complaint) else 200
        return JSONResponse(results[0], status, headers=headers)

    async def _redis(self, commands: list[list[str]]) -> list[Any]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._redis_port, limit=64 * 1024 * 1024
        )
        try:
            writer.write(b"".join(resp_command(words) for words in commands))
            await writer.drain()
            return [await read_reply(reader) for _ in commands]
        finally:
            writer.close()

    def __enter__(self) -> "UpstashRest":
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True  # a request that hangs at a paused Redis is not waited for
        self._thread.join(10)
        self._socket.close()


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError:
        return None
