"""Our HTTP under uvicorn: an answer whose header lines are ready goes out as it is.

uvicorn searches every name and value of every answer for line breaks and joins them anew; for 14
lines that is a fifth of a request. The front door has its lines checked and joined once a second,
so it may hand over bytes. Any other server is given the same answer in ASGI's own words.
"""

import weakref
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    RequestResponseCycle,
)

from adapters.patience import PatientHttp
from adapters.visit import READY


class HttpProtocol(PatientHttp):
    """Offers the application an extension of ASGI: status, header lines and body in one call."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # weakly: a scope that led back to its cycle would be left to the garbage collector
        send_ready: Any = partial(_send_ready, weakref.ref(cycle))
        cycle.scope["extensions"] = {READY: send_ready}
        super()._start_asgi_task(cycle, app)


async def _send_ready(
    of: "weakref.ref[RequestResponseCycle]", status: int, lines: bytes, body: bytes
) -> None:
    """Send a whole answer; each of its header lines ends with a line break."""
    cycle = of()
    if cycle is None:
        return
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    head = [STATUS_LINE[status]]
    for name, value in cycle.default_headers:
        head += (name, b": ", value, b"\r\n")
    head += (lines, b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
    cycle.transport.write(b"".join(head))
    if body:
        cycle.transport.write(body)
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
