"""Upstreams that do what they can to get keys shown: each refusal repeats all that was heard."""

import asyncio
import json
import re
import threading
import time
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox import create_sandbox

STATUSES = (400, 401, 402, 403, 404, 418, 429, 500, 503, 200)


class Echoing:
    """The sandbox's providers; while `echoing`, everything is refused with what was heard.

    Attributes:
        heard: every header and target that came, as one text.
    """

    def __init__(self) -> None:
        self.echoing = False
        self.heard = ""
        self._sandbox = create_sandbox()
        self._count = 0
        methods = ["GET", "POST"]
        app = Starlette(routes=[Route("/{path:path}", self._refuse, methods=methods)])

        async def either(scope: Any, receive: Any, send: Any) -> None:
            lines = [f"{k.decode()}: {v.decode()}" for k, v in scope.get("headers", ())]
            said = (scope.get("path", ""), scope.get("query_string", b"").decode(), *lines)
            self.heard += "\n".join(said)
            known = scope.get("path", "").startswith(("/hf", "/store", "/newsapi", "/cryptopanic"))
            inside = app if self.echoing or known else self._sandbox
            await inside(scope, receive, send)

        config = uvicorn.Config(
            either, host="127.0.0.1", port=0, log_level="critical", lifespan="off", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._server.serve()), daemon=True
        )

    async def _refuse(self, request: Request) -> Response:
        self._count += 1
        status = STATUSES[self._count % len(STATUSES)]
        told = json.dumps({"url": str(request.url), **dict(request.headers)})
        if self._count % 3 == 0:  # nothing but the keys: no bound on length cuts them off
            told = " ".join(re.findall(r"canary\.[0-9a-f]{24}", told)) or told
            return Response(told, status, media_type="text/plain")
        names = ("error", "message", "msg", "code", "result")
        body = {"status": "0", **dict.fromkeys(names, told)}
        return Response(json.dumps(body), status, media_type="application/json")

    @property
    def root(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        give_up = time.monotonic() + 10
        while not self._server.started and time.monotonic() < give_up:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)
