"""What several processes share: kept answers, claims on work, and counts.

A store is always the far one: whoever uses it keeps a memory of its own in front of it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol

PATIENCE_S: Final = 0.15
"""How long one round trip may take: a store slower than this is no help."""


class Claim(NamedTuple):
    """What came of claiming a piece of work."""

    mine: bool
    value: bytes | None
    """What lay under the value's key a moment later: whoever held the claim before may just have
    done the work."""


class BadEntry(Exception):
    """The store is well, but what lies under a key is not what we write there."""


class Store(Protocol):
    """Keys are `v1:…` text, values JSON text in UTF-8, ages in seconds. Each call is one round
    trip, takes at most `PATIENCE_S`, and raises when the store fails; `lib.store.guarded` turns
    failures into misses."""

    async def get(self, key: str) -> bytes | None:
        """What was put under `key` and has not run out."""

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep `value` for `ttl_s`, whatever lay there before."""

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        """Take `key` for this process unless somebody holds it, then look under `value_key`. The
        winner does the work, then settles or releases; the claim of one who dies runs out after
        `ttl_s`."""

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        """Put, then release `claim_key`: whoever sees the claim gone sees the value."""

    async def release(self, key: str) -> None:
        """Give up a claim; one that has meanwhile gone to another process stays theirs."""

    async def add(self, key: str, amount: int, ttl_s: float) -> int | None:
        """Count, and return the new total; a new count runs out after `ttl_s`.

        `None` means that the total is not known.
        """

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        """As `add`, for many keys at once; keep it to a few hundred a call."""

    async def aclose(self) -> None:
        """Close the connections."""
