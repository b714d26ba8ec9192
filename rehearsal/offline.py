"""serverless-offline: API Gateway's part by somebody else, in front of the same handlers."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rehearsal.tools import STAGE, WORK, free_port, listens, plain_env, running, tail, wait_until


@contextmanager
def offline(env: Mapping[str, str]) -> Iterator[str]:
    """The whole service over HTTP; its root."""
    ports = {f"OFFLINE_{kind}_PORT": str(free_port()) for kind in ("HTTP", "WEBSOCKET", "LAMBDA")}
    log = WORK / "logs" / "offline.log"
    log.unlink(missing_ok=True)
    prefix = Path(sys.prefix)
    python = {"VIRTUAL_ENV": str(prefix), "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}"}
    words = ["node", "node_modules/.bin/osls", "offline", "start", "--stage", STAGE]
    port = int(ports["OFFLINE_HTTP_PORT"])
    with running(words, log, {**plain_env(**env, **ports), **python}):
        wait_until(lambda: listens(port) and "Server ready" in tail(log), "serverless-offline", log)
        yield f"http://127.0.0.1:{port}"
