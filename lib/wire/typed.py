"""JSON read by type: what does not fit is malformed, and a value that is none is `None`."""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

import msgspec

from lib.errors import SourceMalformed
from lib.units import Percent

Number: TypeAlias = float | Literal[""] | None
"""A number, in a JSON string or not; empty or null where the upstream has none."""

Count: TypeAlias = int | Literal[""] | None
"""A whole number, likewise."""


def wire_decoder(kind: Any, *, strict: bool = False) -> Callable[[bytes], Any]:
    """Build a typed decoder of an upstream's JSON; numbers in strings are read as numbers.

    The decoder raises `SourceMalformed` for anything that does not fit.
    """
    decoder = msgspec.json.Decoder(kind, strict=strict)

    def decode(body: bytes) -> Any:
        try:
            return decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise SourceMalformed(str(error)[:200]) from error

    return cast("Callable[[bytes], Any]", decode)


_read_list = wire_decoder(list[msgspec.Raw])


def read_rows(body: bytes, decode: Callable[[bytes], Any]) -> list[Any]:
    """The rows of a JSON list that `decode` can read: one absurd row costs only itself.

    Raises:
        SourceMalformed: it is no list.
    """
    read = []
    for raw in _read_list(body):
        try:
            read.append(decode(raw))
        except SourceMalformed:
            continue
    return read


def positive(value: Number) -> float | None:
    """A number above zero, else `None`: zero means "none" for a price upstream."""
    return value if isinstance(value, float) and 0 < value < math.inf else None


def finite(value: Number) -> float | None:
    """A finite number, else `None`."""
    return value if isinstance(value, float) and math.isfinite(value) else None


def share(value: Number) -> Percent | None:
    """What part of a whole something is, else `None`."""
    return value if isinstance(value, float) and 0 < value <= 100 else None


def counted(value: Count) -> int | None:
    """A rank or a count, else `None`: none of them is zero."""
    return value if isinstance(value, int) and 0 < value < 10**9 else None


def https_link(address: str | None, most: int = 500) -> str | None:
    """An address that a page may show, else `None`."""
    if address is None or not address.startswith("https://") or len(address) > most:
        return None
    return address if address.isprintable() and " " not in address else None
