"""The port is taken first, and whoever cannot have it hears why in a sentence."""

import socket

import pytest

from adapters.listening import CannotListen, port_taken
from tests.servers import free_port


def test_a_port_is_ours_before_anybody_may_call() -> None:
    with port_taken("127.0.0.1", 0) as (one,), socket.socket() as caller:
        assert caller.connect_ex(one.getsockname()) != 0

        one.listen()

        assert caller.connect_ex(one.getsockname()) == 0


def test_a_port_is_given_back() -> None:
    port = free_port()

    with port_taken("127.0.0.1", port):
        pass
    with port_taken("127.0.0.1", port) as (again,):
        assert again.getsockname()[1] == port


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("198.51.100.7", "this machine has no such address; name another with --host."),
        ("no-such-host.invalid", "nobody knows this host; name an address with --host."),
    ],
)
def test_a_host_that_is_not_ours_is_told(host: str, said: str) -> None:
    with pytest.raises(CannotListen) as refusal, port_taken(host, 7860):
        pass

    assert str(refusal.value) == f"The server cannot listen on {host}:7860: {said}"


def test_a_port_that_another_program_has_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen) as refusal, port_taken("127.0.0.1", port):
            pass

    assert str(refusal.value) == (
        f"The server cannot listen on 127.0.0.1:{port}: something else does; end it, or name "
        "another port with --port."
    )
