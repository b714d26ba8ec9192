"""Our websockets under uvicorn: ready-made frames, silence measured, dead peers let go."""

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from adapters.collector import Collector
from adapters.http_protocol import HttpProtocol

WIRE: Final = "dreammaker.wire"
"""The name of this extension of ASGI in a scope."""

LARGEST_MESSAGE: Final = 64 * 1024
CLOSING_S: Final = 3.0
LINGER_S: Final = 1.0
MOST_WAITING: Final = 64 * 1024  # bytes written but not sent; above it, a reader is slow
KERNEL_BYTES: Final = 64 * 1024  # what the kernel may hold for a reader who does not read

_log = logging.getLogger("dreammaker.server")


class SocketProtocol(WebSocketsSansIOProtocol):
    """What ASGI has no words for: the application may hand over frames as bytes, made once for
    thousands of listeners, and knows how much waits and when the other side was last heard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heard_at = self.loop.time()
        self.on_drain: Callable[[], None] = _nothing
        self._lingers = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=MOST_WAITING, low=MOST_WAITING // 4)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"] or {}
        extensions[WIRE] = self
        try:
            await super().run_asgi()
        finally:
            extensions.pop(WIRE, None)  # leads back to us: a circle would be the collector's

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True  # refused in full; uvicorn would call that an error

    # for the application

    @property
    def waiting(self) -> int:
        """Bytes that the other side has not taken yet."""
        return self.transport.get_write_buffer_size()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self.close_sent or self.disconnected or self.transport.is_closing()

    def settle(self) -> None:
        """Forget the handshake: some KB a connection that nobody reads again."""
        self.request = self.response = None  # type: ignore[assignment]
        self.scope["headers"] = []

    def write_frames(self, frames: bytes) -> None:
        """Send whole frames. Look at `waiting` first."""
        if not self.closed:
            self.transport.write(frames)

    async def drained(self) -> None:
        """Wait until the other side has taken most of what was written."""
        await self.writable.wait()

    def end(self, code: int, reason: str) -> None:
        """Say goodbye, and let go soon even of a peer who takes nothing."""
        if self.closed:
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._let_go()

    def _let_go(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # not close(), which waits for ever until a dead peer has taken everything
        wait_s = LINGER_S if self._lingers else CLOSING_S
        self.close_timer = self.loop.call_later(wait_s, self.transport.abort)

    # what comes in

    def data_received(self, data: bytes) -> None:
        if not self._lingers:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """Refuse what is no frame of ours, and read on for a moment: a connection that is closed
        with bytes unread is reset, and the other side never sees why."""
        assert self.conn.close_sent is not None  # noqa: S101 - as in uvicorn's own
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._lingers = True
        self._let_go()

    def handle_cont(self, event: Frame) -> None:
        self.heard_at = self.loop.time()
        super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        self.heard_at = self.loop.time()
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self.heard_at = self.loop.time()
        super().handle_bytes(event)

    def handle_pong(self, event: Frame) -> None:
        self.heard_at = self.loop.time()
        super().handle_pong(event)

    def handle_ping(self) -> None:
        self.heard_at = self.loop.time()
        if self.waiting > MOST_WAITING:
            self.conn.data_to_send()  # who takes no answers gets none
            return
        super().handle_ping()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.on_drain()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.on_drain = _nothing
        self.conn.parser.close()  # which leads back to its owner, if the peer just vanished


def _nothing() -> None: ...


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        going_down: Callable[[], None],
        leaving: Callable[[], None],
        drain_s: float,
    ) -> None:
        super().__init__(config)
        self._going_down = going_down
        self._leaving = leaving
        self._drain_s = drain_s
        self._collector = Collector()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets:  # of those that it is given uvicorn says nothing
            _log.info("server.ready", extra={"port": sockets[0].getsockname()[1]})
        self._collector.begin()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving()
        if signal.SIGTERM in self._captured_signals:  # whoever presses Ctrl-C need not wait
            until = time.monotonic() + self._drain_s
            while time.monotonic() < until and not self.force_exit:  # noqa: ASYNC110 - see below
                await asyncio.sleep(0.05)  # a signal handler of uvicorn sets a flag, no event
        # before uvicorn waits for event streams that would never end by themselves
        self._going_down()
        await super().shutdown(sockets)
        self._collector.end()
        _log.info("server.ended")


def run_server(
    app: Any,
    going_down: Callable[[], None],
    *,
    ws_heartbeat_s: float,
    sockets: Sequence[socket.socket] | None = None,
    leaving: Callable[[], None] = _nothing,
    drain_s: float = 0.0,
    **options: Any,
) -> None:
    """Run uvicorn with our websockets.

    Args:
        going_down: is called when the server takes no new connections any more.
        sockets: bound ones to listen on; without them `host` and `port` among the options say it.
        leaving: is called when it is asked to end, and still answers everybody.
        drain_s: how long after a SIGTERM it goes on so, for balancers to notice.
        options: uvicorn's own.
    """
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        ws=SocketProtocol,
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=ws_heartbeat_s,
        ws_ping_timeout=None,  # silence is judged by us, any frame counts
        ws_per_message_deflate=False,  # 2.5 times the work, and 3 to 5 times the memory
        **options,
    )
    server = _Server(config, going_down, leaving, drain_s)
    with suppress(KeyboardInterrupt):
        server.run(sockets=list(sockets) if sockets else None)
    if not server.started:
        sys.exit(3)  # as uvicorn itself does
