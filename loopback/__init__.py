"""Real servers of our own on loopback, for tests and the drill: Redis and PostgreSQL."""

import socket


class NotInstalled(Exception):
    """The program is not on this machine."""


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
