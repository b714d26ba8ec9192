"""What the sandbox's streams share: a beat each second, subscriptions, and faults."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import msgspec
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from lib.sandbox.faults import FAULTS, Faults, change_body
from lib.sandbox.world import World

_RUBBISH: Final = {
    "html": "<!DOCTYPE html><html><body>Just a moment...</body></html>",
    "shape": '{"maintenance":true,"message":"Back soon"}',
    "empty": "{}",
}


class Venue(Protocol):
    """One connection to a venue, as the venue sees it."""

    def hear(self, text: str) -> Sequence[object]:
        """What to answer at once."""

    def beat(self, from_s: int, now_ms: int) -> Sequence[object]:
        """What to send for the seconds from `from_s` up to now."""


async def play(
    socket: WebSocket, world: World, provider: str, make: Callable[[WebSocket], Venue]
) -> None:
    """Play a venue's stream until the client leaves."""
    faults: Faults = socket.app.state.faults
    fault = faults.get(provider)
    if fault and fault not in FAULTS:
        status = int(fault.partition(":")[0])
        await socket.send_denial_response(_denial(status))
        return
    if fault == "refuse":
        await socket.close()
        return
    await socket.accept()
    venue = make(socket)
    hearing = asyncio.create_task(_hear(socket, venue, faults, provider))
    speaking = asyncio.create_task(_speak(socket, venue, world, faults, provider))
    try:
        await asyncio.wait({hearing, speaking}, return_when="FIRST_COMPLETED")
    finally:
        for task in (hearing, speaking):
            task.cancel()
        await asyncio.gather(hearing, speaking, return_exceptions=True)


async def _hear(socket: WebSocket, venue: Venue, faults: Faults, provider: str) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            text = await socket.receive_text()
            for answer in venue.hear(text):
                await _send(socket, answer, faults.get(provider))


async def _speak(
    socket: WebSocket, venue: Venue, world: World, faults: Faults, provider: str
) -> None:
    said_s = world.now_s()
    with suppress(WebSocketDisconnect):
        while True:
            now_ms = world.now_ms()
            for frame in venue.beat(said_s + 1, now_ms):
                await _send(socket, frame, faults.get(provider))
            said_s = now_ms // 1000
            if faults.get(provider) == "refuse" or (faults.get(provider) or "x")[0].isdecimal():
                await socket.close(1011)
                return
            await asyncio.sleep(1 - world.now_ms() % 1000 / 1000)


async def _send(socket: WebSocket, frame: object, fault: str | None) -> None:
    if fault == "hang":
        return
    body = msgspec.json.encode(frame)
    if fault in ("truncated", "zero", "nan"):
        body = change_body(body, fault)
    text = _RUBBISH.get(fault or "") or body.decode()
    await socket.send_text(text)


def _denial(status: int) -> Response:
    return Response(b'{"msg":"sandbox fault"}', status, media_type="application/json")
