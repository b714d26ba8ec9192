"""Traces must not hold up the end of a process."""

import socket

from adapters.tracing import Tracing


def test_a_collector_that_answers_nothing_does_not_hold_up_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        tracing = Tracing(f"http://127.0.0.1:{port}", "1", closing_s=0.05)
        tracing.called("binance", "tickers", "ok", 0.1)

        tracing.close()
        silent.settimeout(5)
        caller, _ = silent.accept()

        with caller:
            caller.setblocking(True)
            assert caller.recv(5) == b"POST "
            caller.setblocking(False)
            assert not ended(caller)
            caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")  # so that it rests


def ended(caller: socket.socket) -> bool:
    """Whether the other side has hung up; what it has sent is read on the way."""
    try:
        while caller.recv(65536):
            pass
    except BlockingIOError:
        return False
    return True
