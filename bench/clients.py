"""Thousands of HTTP clients in one process, each a socket and as little Python as can be."""

import asyncio
import resource
import time
from collections.abc import Sequence
from typing import NamedTuple


class Told(NamedTuple):
    """What a client was told; a status of 0 is no answer."""

    target: str
    status: int
    ms: float
    envelope: bool


def raise_limit() -> None:
    """Open files: as many as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def all_at_once(root: str, targets: Sequence[str], patience_s: float) -> list[Told]:
    """Each target from an address of its own; all are connected before the first asks."""
    host, _, port = root.removeprefix("http://").partition(":")
    gate = asyncio.Event()
    ready = asyncio.Semaphore(0)

    async def one(number: int, target: str) -> Told:
        reader, writer = await asyncio.open_connection(host, int(port))
        ready.release()
        await gate.wait()
        began = time.perf_counter()
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        head = f"GET {target} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {address}\r\n\r\n"
        try:
            async with asyncio.timeout(patience_s):
                writer.write(head.encode())
                answer = await reader.readuntil(b"\r\n\r\n")
                length = int(answer.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                body = await reader.readexactly(length)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            return Told(target, 0, (time.perf_counter() - began) * 1000, False)
        finally:
            writer.close()
        status = int(answer.split(b" ", 2)[1])
        took_ms = (time.perf_counter() - began) * 1000
        return Told(
            target, status, took_ms, b'"success":' in body[:40] or b'"success": ' in body[:40]
        )

    tasks = []
    for number, target in enumerate(targets):
        tasks.append(asyncio.create_task(one(number, target)))
        if number % 200 == 199:
            await asyncio.sleep(0.02)  # a listening socket holds so many at once
    for _ in targets:
        await ready.acquire()
    gate.set()
    return await asyncio.gather(*tasks)
