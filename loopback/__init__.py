"""Real servers of our own on loopback, for tests and the drill: Redis and PostgreSQL."""

import contextlib
import secrets
import socket
from typing import Final

PORTS: Final = range(20_000, 32_000)
"""Below Linux's ports for outgoing connections."""


class NotInstalled(Exception):
    """The program is not on this machine."""


def free_port() -> int:
    """Find a port on loopback that nobody listens on; none of those that the system gives to
    outgoing connections, of which one could take it before a server does."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
