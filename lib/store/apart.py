"""A part of a store that is a world of its own."""

from collections.abc import Mapping
from typing import Final

from lib.store import Claim, Store

SANDBOX: Final = "sandbox:"


class ApartStore:
    """A `Store` whose every key begins with a word, in a store that others use as well: what the
    sandbox makes up is never found by a service with live data."""

    def __init__(self, inner: Store, word: str) -> None:
        self._inner = inner
        self._word = word

    async def get(self, key: str) -> bytes | None:
        return await self._inner.get(self._word + key)

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._inner.put(self._word + key, value, ttl_s)

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        return await self._inner.claim(self._word + key, ttl_s, self._word + value_key)

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        await self._inner.settle(self._word + key, value, ttl_s, self._word + claim_key)

    async def release(self, key: str) -> None:
        await self._inner.release(self._word + key)

    async def add(self, key: str, amount: int, ttl_s: float) -> int | None:
        return await self._inner.add(self._word + key, amount, ttl_s)

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        named = {self._word + key: amount for key, amount in amounts.items()}
        totals = await self._inner.add_all(named, ttl_s)
        if totals is None:
            return None
        return {key.removeprefix(self._word): total for key, total in totals.items()}

    async def aclose(self) -> None:
        await self._inner.aclose()
