"""Our HTTP under uvicorn: an answer whose header lines are ready goes out as it is.

uvicorn searches every name and value of every answer for line breaks and joins them anew; for 14
lines that is a fifth of a request. The front door has its lines checked and joined once a second,
so it may hand over bytes. Any other server is given the same answer in ASGI's own words.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    RequestResponseCycle,
)

from adapters.patience import PatientHttp
from adapters.visit import READY


class HttpProtocol(PatientHttp):
    """Offers the application an extension of ASGI: status, header lines and body in one call."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._extensions: Any = {READY: self._send_ready}
        self._dated_by: list[tuple[bytes, bytes]] = []
        self._date = b""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._extensions = {}  # led back to us

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # another protocol has the connection; no circle of ours is left to the collector
        self.parser = None  # type: ignore[assignment]  # as uvicorn does at the end
        self._extensions = {}

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.scope["extensions"] = self._extensions
        super()._start_asgi_task(cycle, app)

    def _send_ready(self, scope: Any, status: int, lines: bytes, body: bytes) -> bool:
        """Send a whole answer; each of its header lines ends with a line break. `False` is no: the
        other side does not read, has gone, or has more requests waiting."""
        cycle = self.cycle
        if cycle.scope is not scope or cycle.flow.write_paused or cycle.disconnected:
            return False
        if self._dated_by is not cycle.default_headers:  # uvicorn's date, a new list each second
            self._dated_by = cycle.default_headers
            self._date = b"".join([b"%b: %b\r\n" % line for line in self._dated_by])
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        cycle.transport.write(b"%b%b%b%b" % (STATUS_LINE[status], self._date, lines, end))
        if body:
            cycle.transport.write(body)
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True
