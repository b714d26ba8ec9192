"""The doctor tells a machine without names, trust or a way out from a source that is down."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.doctor import examine
from lib.runtime import load_providers
from lib.settings import Settings
from tests.servers import free_port

pytestmark = pytest.mark.anyio


async def told(address: str) -> list[str]:
    """What is said of a source at this address, while all others are nowhere."""
    everywhere = dict.fromkeys(load_providers(), f"http://127.0.0.1:{free_port()}")
    words: list[str] = []
    await examine(Settings(base_urls=everywhere | {"kraken": address}), words.append)
    lines = "".join(words).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("  kraken"))
    return [line.strip() for line in lines[at : at + 3]]


@contextlib.contextmanager
def stranger(folder: Path) -> Iterator[int]:
    """A TLS server with a certificate that nobody vouches for; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stranger")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1)
    made = made.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    pem = folder / "both.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                caller, _ = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(caller, server_side=True):
                    pass

    thread = threading.Thread(target=greet)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


async def test_a_name_that_is_not_resolved_is_told() -> None:
    assert (await told("http://no-such-host.invalid"))[2] == (
        "why    its name cannot be resolved here: look at DNS, and at <NAME>_BASE_URL"
    )


async def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path) -> None:
    with stranger(tmp_path) as port:
        lines = await told(f"https://127.0.0.1:{port}")

    assert lines[0] == "kraken                NOT REACHABLE"
    assert lines[2] == (
        "why    its certificate is not trusted here: install ca-certificates, or name a bundle "
        "with SSL_CERT_FILE"
    )


async def test_an_address_where_nobody_listens_is_told() -> None:
    assert (await told(f"http://127.0.0.1:{free_port()}"))[2] == (
        "why    nobody listens there, or a firewall says so"
    )
