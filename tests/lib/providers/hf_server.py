"""A Hugging Face endpoint on loopback that fails in every way that was seen."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Endpoint:
    """Its address, what it shall answer, and what it was asked."""

    status: int = 200
    body: bytes = b"[]"
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    delay_s: float = 0.0
    url: str = ""
    handler: Callable[[Any], bytes] | None = None  # makes the body of the question
    asked: list[Any] = field(default_factory=list)
    request_headers: list[str] = field(default_factory=list)

    def answers(self, document: Any) -> None:
        """Answer this JSON; NaN is written as Python writes it."""
        self.status, self.body, self.hangs = 200, json.dumps(document).encode(), False


@asynccontextmanager
async def serving() -> AsyncIterator[Endpoint]:
    """An endpoint that serves until the block ends."""
    endpoint = Endpoint()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            size = next(
                int(line.split(":")[1])
                for line in head.split("\r\n")
                if line.lower().startswith("content-length")
            )
            endpoint.asked.append(json.loads(await reader.readexactly(size)))
            endpoint.request_headers.append(head)
            if endpoint.hangs:
                await asyncio.sleep(30)
            await asyncio.sleep(endpoint.delay_s)
            if endpoint.handler:
                endpoint.body = endpoint.handler(endpoint.asked[-1])
            lines = [f"HTTP/1.1 {endpoint.status} X", f"Content-Length: {len(endpoint.body)}"]
            lines += [f"{name}: {value}" for name, value in endpoint.headers.items()]
            lines += ["Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + endpoint.body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint.url = f"http://127.0.0.1:{port}"
    try:
        yield endpoint
    finally:
        server.close()
