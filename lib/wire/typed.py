"""JSON read by type: what does not fit is malformed, and a number that is none is `None`."""

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
