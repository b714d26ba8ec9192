"""How a value is written into a store: small JSON as it is, the rest compressed.

Both stores write the same form, because one database may be reached both ways: by its Redis port
from the Space and over HTTP from Lambda. HTTP carries text only, hence base64; base85 would save
6 % more and costs a hundred times the CPU, being written in Python.
"""

import zlib
from base64 import b64decode, b64encode
from typing import Final

from lib.store import BadEntry

SMALL: Final = 8 * 1024
LARGEST: Final = 64 * 1024 * 1024
"""What a packed value may unfold to, so that a planted entry cannot fill the memory."""

MARK: Final = b"z"
"""No JSON text begins with this letter."""


def pack(value: bytes) -> str:
    """Write a value as text: itself up to 8 KB, above that `z` + base64(zlib).

    Bytes that are no plain UTF-8 text take the second form too, so any value comes back whole.
    """
    if len(value) <= SMALL and not value.startswith(MARK):
        try:
            return value.decode()
        except UnicodeDecodeError:
            pass
    return (MARK + b64encode(zlib.compress(value, 1))).decode("ascii")


def unpack(packed: bytes, largest: int = LARGEST) -> bytes:
    """Read what `pack` wrote.

    Raises:
        BadEntry: it is marked as packed but does not unfold, or to more than `largest` bytes.
    """
    if not packed.startswith(MARK):
        return packed
    inflate = zlib.decompressobj()
    try:
        value = inflate.decompress(b64decode(packed[1:], validate=True), largest)
    except (ValueError, zlib.error) as error:
        raise BadEntry("a packed value does not unfold") from error
    if not inflate.eof or inflate.unused_data:
        raise BadEntry("a packed value is cut, continued or too large")
    return value
