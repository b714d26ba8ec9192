"""Who listens at API Gateway's other end, for functions under the emulator: a loopback server that
takes what is posted to connections, and says of some that they are gone."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

PREFIX = "/@connections/"


class Listeners:
    """What each connection was told, and whether anybody is there still."""

    def __init__(self) -> None:
        self.told: dict[str, list[Any]] = defaultdict(list)
        self.gone: set[str] = set()
        self.unsigned = 0
        self.url = ""

    def post(self, connection: str, body: bytes, authorization: str) -> int:
        """Take a message; the status to answer with."""
        self.unsigned += not authorization.startswith("AWS4-HMAC-SHA256 ")
        if connection in self.gone:
            return 410
        self.told[connection].append(json.loads(body))
        return 200


@contextmanager
def listeners() -> Iterator[Listeners]:
    """The server, in threads of this process."""
    held = Listeners()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            name = unquote(self.path).removeprefix(PREFIX)
            status = held.post(name, body, self.headers.get("authorization", ""))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
