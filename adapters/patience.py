"""What uvicorn leaves unbounded of a request: how long it may take to arrive, and how large its
head may be. Whoever sends a line now and then, or no end of lines, holds no connection for ever.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ARRIVAL_S: Final = 15.0
"""From a connection's beginning, or a request's first byte, to the last byte of its body."""

LARGEST_HEAD: Final = 64 * 1024
"""Request line and header lines; the application itself refuses targets over 8 KiB with 414."""

MOST_HEADERS: Final = 100
LINGER_S: Final = 0.5

_REFUSALS: Final = {
    408: (b"Request Timeout", b"TIMEOUT", b"The request did not arrive within 15 s"),
    414: (b"URI Too Long", b"INVALID_PARAMETER", b"The request target is too long"),
    431: (b"Request Header Fields Too Large", b"INVALID_PARAMETER", b"The headers are too large"),
}


class PatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP with an end to its patience. A request that arrives as a whole, as nearly
    all do, costs two comparisons."""

    arrival_s: ClassVar[float] = ARRIVAL_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun = False
        self._arriving = True
        self._in_head = True
        self._head_bytes = 0
        self._refused = False
        self._until: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._until = self.loop.call_later(self.arrival_s, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > LARGEST_HEAD:
            self._refuse(431 if self.headers else 414)
        elif not self._arriving:
            self._stop_waiting()
        elif self._until is None and not self.transport.is_closing():
            self._until = self.loop.call_later(self.arrival_s, self._too_slow)

    def handle_websocket_upgrade(self) -> None:
        self._arriving = False
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._begun = self._arriving = self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= MOST_HEADERS:
            raise ValueError("too many headers")  # uvicorn answers 400 and closes
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._begun = self._arriving = False
        super().on_message_complete()

    def _stop_waiting(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None

    def _too_slow(self) -> None:
        self._until = None
        if self.flow.read_paused:  # it is we who do not read: an answer is under way
            self._until = self.loop.call_later(self.arrival_s, self._too_slow)
        elif self._begun and self._in_head:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        """Say why, and read on for a moment: a connection that is closed with bytes unread is
        reset, and the other side never sees the answer."""
        self._refused = True
        self._stop_waiting()
        phrase, code, message = _REFUSALS[status]
        error = b'{"code":"%b","message":"%b","details":{}}' % (code, message)
        body = b'{"success":false,"error":%b}' % error
        head = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\n" % (status, phrase)
        head += b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(head + body)
        self.loop.call_later(LINGER_S, self.transport.close)
