"""JSON read by type: what does not fit is malformed, and a value that is none is `None`."""

import math
from collections.abc import Callable
from typing import Any, cast

import msgspec

from lib.errors import SourceMalformed


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


def positive(value: float | None) -> float | None:
    """A number above zero, else `None`: zero means "none" for a price upstream."""
    return value if value is not None and 0 < value < math.inf else None


def finite(value: float | None) -> float | None:
    """A finite number, else `None`."""
    return value if value is not None and math.isfinite(value) else None


def counted(value: int | None) -> int | None:
    """A rank or a count, else `None`: none of them is zero."""
    return value if value and 0 < value < 10**9 else None


def https_link(address: str | None, most: int = 500) -> str | None:
    """An address that a page may show, else `None`."""
    if address is None or not address.startswith("https://") or len(address) > most:
        return None
    return address if address.isprintable() and " " not in address else None
