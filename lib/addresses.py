"""Addresses as settings state them: of upstreams, of stores, and of the pages that may call."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

_ORIGIN: Final = re.compile(
    r"https?://(?:[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,30}|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::[0-9]{1,5})?"
)


def is_origin(text: str) -> bool:
    """Whether it is an origin of web pages: a scheme, a host, perhaps a port, and no more."""
    return _ORIGIN.fullmatch(text) is not None


def check_address(text: str, *schemes: str) -> str:
    """Let an address of one of these schemes pass. It may hold a password, so it is not repeated.

    Raises:
        ValueError: it is none; the message says what is accepted.
    """
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in schemes or not rest.strip("/") or not is_plain(text):
        accepted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ValueError(f"must be an address that begins with {accepted}")
    _check_host(text)
    return text


def passwords_in(address: str) -> Iterator[str]:
    """The password of an address, as it is written there and as it is meant."""
    try:
        password = urlsplit(address).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def is_plain(text: str) -> bool:
    """Whether it is printable ASCII without a space."""
    return text.isascii() and text.isprintable() and " " not in text


def _check_host(address: str) -> None:
    try:
        urlsplit(address).port  # noqa: B018 - raises what it finds wrong
    except ValueError:
        raise ValueError(
            "its host and port cannot be read: a port is a number up to 65535, an IPv6 address"
            " stands in brackets, and @ / ? # in a password are written as %40 %2F %3F %23"
        ) from None


def _web(text: str) -> str:
    return check_address(text, "http", "https")


def _redis(secret: SecretStr) -> SecretStr:
    address = check_address(secret.get_secret_value(), "redis", "rediss", "unix")
    parts = urlsplit(address)
    if parts.scheme.lower() != "unix" and not re.fullmatch(r"/?[0-9]*", parts.path):
        raise ValueError("what follows the host must be the number of a database, as in …:6379/0")
    return secret


def _database(secret: SecretStr) -> SecretStr:
    # a driver may be named, as in postgresql+psycopg://
    named = re.sub(r"\+\w+", "", secret.get_secret_value(), count=1)
    check_address(named, "postgresql", "postgres", "sqlite")
    return secret


def _origins(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    origins = tuple(word.strip() for word in text.split(",") if word.strip())
    for origin in origins:
        if not is_origin(origin):
            raise ValueError(
                f"{origin!r} is no origin such as https://example.org; leave it empty for any"
            )
    return origins


WebAddress = Annotated[str, AfterValidator(_web)]
RedisAddress = Annotated[SecretStr, AfterValidator(_redis)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_database)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_origins)]
