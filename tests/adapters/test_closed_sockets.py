"""A socket that has ended is gone at once: the collector, which looks rarely, has no part in it."""

import gc
import time
from contextlib import ExitStack
from socket import SHUT_RDWR
from typing import Any

from websockets.sync.client import connect

from adapters.http_protocol import HttpProtocol
from adapters.socket_protocol import SocketProtocol
from tests.abuse.wire import serving


async def greeting(_scope: Any, receive: Any, send: Any) -> None:
    """Says one word, and listens until the other side is gone."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def alive() -> int:
    """How many connections' protocols are in memory."""
    kinds = (HttpProtocol, SocketProtocol)
    return sum(isinstance(one, kinds) for one in gc.get_objects())


def test_sockets_that_end_or_vanish_leave_nothing_for_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        with serving(greeting) as port:
            with ExitStack() as stack:  # says goodbye to each
                clients = [stack.enter_context(connect(f"ws://127.0.0.1:{port}")) for _ in range(6)]
                assert [client.recv() for client in clients] == ["hello"] * 6
                during = alive()
                for client in clients[:3]:
                    client.socket.shutdown(SHUT_RDWR)  # without a word
            give_up = time.monotonic() + 10
            while alive() and time.monotonic() < give_up:
                time.sleep(0.02)

            assert (during, alive()) == (6, 0)
    finally:
        gc.enable()
