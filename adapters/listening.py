"""The port that a server listens on, taken before anything else is begun."""

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

_HINTS: Final = {
    errno.EADDRINUSE: "something else does; end it, or name another port with --port",
    errno.EACCES: "this user may not take a port below 1024; name a higher one with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address; name another with --host",
    socket.EAI_NONAME: "nobody knows this host; name an address with --host",
}


class CannotListen(Exception):
    """The port cannot be had; the sentence says why, and what to do."""


@contextmanager
def port_taken(host: str, port: int) -> Iterator[Sequence[socket.socket]]:
    """Sockets that are bound to every address of `host`, closed at the end. None of them listens
    yet: who calls before the start is turned away, not kept waiting.

    Raises:
        CannotListen: another program has the port, or the address is none of ours.
    """
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            taken = [stack.enter_context(_bound(family, at)) for family, *_, at in found]
        except OSError as error:
            why = _HINTS.get(error.errno or 0, error.strerror)
            raise CannotListen(f"The server cannot listen on {shown(host, port)}: {why}.") from None
        yield taken


def shown(host: str, port: int) -> str:
    """Both as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # as asyncio does: 0.0.0.0 is another address
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one
