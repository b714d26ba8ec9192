"""API keys: who holds one, and a command that mints them.

    python -m lib.auth NAME

The command prints a new key, once, and the entry of `API_KEYS` that knows it. Takes no time. Ends
with 0, or with 2 if nobody can be called NAME.
"""

import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Final

LONGEST_KEY: Final = 512

_USAGE: Final = "usage: python -m lib.auth NAME"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME_RULE: Final = (
    "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit"
)
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a known key."""

    name: str


class KeyRing:
    """The known keys, by their hashes."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` by SHA-256 in hex, as `parse_keys` reads them."""
        self._holders = [(bytes.fromhex(digest), Principal(name)) for digest, name in names.items()]

    def __len__(self) -> int:
        return len(self._holders)

    def __repr__(self) -> str:
        return f"KeyRing({len(self._holders)} keys)"

    def principal(self, authorization: str | None, x_api_key: str | None) -> Principal | None:
        """Whose key came along, as a bearer or in `X-API-Key`; `None` is anonymous, no error."""
        for key in (_bearer(authorization), x_api_key):
            if key and (holder := self._holder(key)):
                return holder
        return None

    def _holder(self, key: str) -> Principal | None:
        key = key.strip()
        if not key or len(key) > LONGEST_KEY:
            return None
        digest = sha256(key.encode("utf-8", "surrogatepass")).digest()
        found = None
        for known, holder in self._holders:  # all of them, so that the time taken tells nothing
            if compare_digest(known, digest):
                found = holder
        return found


def parse_keys(text: str) -> dict[str, str]:
    """Read `API_KEYS`, `name:sha256hex,…`, into names by hash; a name may hold several keys.

    Raises:
        ValueError: an entry is malformed or repeated. It is named by its position only, since
            somebody may have written the key itself there.
    """
    names: dict[str, str] = {}
    for position, entry in enumerate(text.split(","), start=1):
        if not entry.strip():
            continue
        name, _, digest = (part.strip() for part in entry.partition(":"))
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"API_KEYS, entry {position}: the name before ':' must be {_NAME_RULE}."
            )
        if not _HASH.fullmatch(digest):
            raise ValueError(
                f"API_KEYS, entry {position}: after 'name:' must come the key's SHA-256 in 64 "
                "hexadecimal digits. 'python -m lib.auth NAME' writes such an entry."
            )
        if digest.lower() in names:
            raise ValueError(f"API_KEYS, entry {position}: the same key stands there twice.")
        names[digest.lower()] = name
    return names


def mint_key() -> tuple[str, str]:
    """Make a key of 256 random bits, and its SHA-256 in hex."""
    key = "dm_" + secrets.token_urlsafe(32)
    return key, sha256(key.encode()).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Print a new key and its entry; the key itself is kept nowhere."""
    if arguments in (["--help"], ["-h"]):
        sys.stdout.write(f"{_USAGE}\n\n{__doc__ or ''}\nNAME is {_NAME_RULE}.\n")
        return 0
    if len(arguments) != 1 or not _NAME.fullmatch(arguments[0]):
        sys.stderr.write(f"{_USAGE}\nNAME must be {_NAME_RULE}.\n")
        return 2
    key, digest = mint_key()
    sys.stdout.write(f"key, shown only now: {key}\nadd to API_KEYS:     {arguments[0]}:{digest}\n")
    return 0


def _bearer(authorization: str | None) -> str | None:
    scheme, _, key = (authorization or "").strip().partition(" ")
    return key if scheme.lower() == "bearer" else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
