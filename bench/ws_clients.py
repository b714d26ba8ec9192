"""A websocket client that does as little as can be: its cost must not be the server's."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from typing import Final, cast

KEY: Final = b"AAAAAAAAAAAAAAAAAAAAAA=="
SHAKE: Final = (
    b"GET /ws/ticker HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n\r\n"
)
PING: Final = b"\x89"
MASK: Final = b"\1\2\3\4"
FACTS: Final = re.compile(rb'"price":(\d+).{0,200}?"published_at":(\d+)')


class SocketClient(asyncio.Protocol):
    """Subscribes to tickers, then counts messages while `counting`.

    Attributes:
        ready: done when the server has taken the subscription.
        gone: the server has sent it away.
        latencies: milliseconds from publishing to reading, where it looks closely.
        lost: messages that never came, where it looks closely.
    """

    def __init__(self, symbols: Sequence[str], *, close_look: bool) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.count = self.lost = 0
        self.counting = self.gone = False
        self.latencies: list[float] = []
        self._symbols = symbols
        self._close_look = close_look  # at times and losses; of many clients only some can
        self._shaken = False
        self._buffer = b""
        self._ticks: dict[bytes, int] = {}

    def start(self) -> None:
        """Count from now on."""
        self.counting, self.count, self.lost = True, 0, 0
        self.latencies.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name
        self._transport.write(SHAKE)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio gives it
        self.gone = True

    def data_received(self, data: bytes) -> None:
        now_ms = time.time() * 1000
        if not self._shaken:
            self._buffer += data
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head, head
            self._shaken = True
            self._buffer, data = b"", rest
            self._subscribe()
        if b'"type":"subscribed"' in data and not self.ready.done():
            self.ready.set_result(None)
        if PING in data:
            self._answer_ping(data)
        if not self.counting:
            return
        if not self._close_look:
            self.count += data.count(b'"published_at"')
            return
        for price, at in FACTS.findall(data):
            self.count += 1
            self.latencies.append(now_ms - int(at))
            # the price is the tick's number, times a hundred, plus the symbol's
            tick, symbol = divmod(int(price), 100)
            key = b"%d" % symbol
            if key in self._ticks:
                self.lost += tick - self._ticks[key] - 1
            self._ticks[key] = tick

    def _subscribe(self) -> None:
        text = json.dumps({"action": "subscribe", "channel": "ticker", "symbols": self._symbols})
        raw = text.encode()
        size = bytes((0x80 | 126,)) + len(raw).to_bytes(2, "big")
        self._transport.write(b"\x81" + size + MASK + masked(raw))

    def _answer_ping(self, data: bytes) -> None:
        """Who answers none is sent away after a minute. The byte stands in no message of ours."""
        at = data.index(PING)
        size = data[at + 1]
        payload = data[at + 2 : at + 2 + size]
        self._transport.write(b"\x8a" + bytes((0x80 | size,)) + MASK + masked(payload))


def masked(raw: bytes) -> bytes:
    """As clients must send it."""
    return bytes(byte ^ MASK[i % 4] for i, byte in enumerate(raw))
