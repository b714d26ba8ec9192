"""serverless-offline: API Gateway's part by somebody else, in front of the same handlers."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from loopback import free_port
from rehearsal.tools import STAGE, WORK, listens, plain_env, running, tail, wait_until


class Offline(NamedTuple):
    """Where the APIs are, and where functions can be called as the clock calls them."""

    http: str
    websocket: str
    functions: str


@contextmanager
def offline(env: Mapping[str, str]) -> Iterator[Offline]:
    """The whole service over HTTP and websockets."""
    ports = {f"OFFLINE_{kind}_PORT": str(free_port()) for kind in ("HTTP", "WEBSOCKET", "LAMBDA")}
    log = WORK / "logs" / "offline.log"
    log.unlink(missing_ok=True)
    prefix = Path(sys.prefix)
    python = {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    words = ["node", "node_modules/.bin/osls", "offline", "start", "--stage", STAGE]
    http, websocket, functions = ports.values()
    apis = {
        "HTTP_ENDPOINT": f"http://127.0.0.1:{http}",
        "WS_ENDPOINT": f"http://127.0.0.1:{websocket}",
        "WS_PUMP_EVERY_S": "1",
    }
    with running(words, log, {**plain_env(**env, **ports, **apis), **python}):
        wait_until(
            lambda: listens(int(http)) and "Server ready" in tail(log), "serverless-offline", log
        )
        yield Offline(
            apis["HTTP_ENDPOINT"], f"ws://127.0.0.1:{websocket}", f"http://127.0.0.1:{functions}"
        )
