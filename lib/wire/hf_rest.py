"""Whether an endpoint is asked at all: one slow request finds out, for every process at once."""

import asyncio
from typing import Final

import msgspec

from lib.clock import Clock
from lib.errors import CircuitOpen
from lib.store import Store

REST_S: Final = 30.0
COLD: Final = "endpoint_cold"
_ASKING_S: Final = (
    2.0  # longer than any request: whoever dies while asking holds up nobody for long
)


class EndpointResting(CircuitOpen):
    """It failed less than 30 s ago, here or in another process; not asked."""

    def __init__(self, why: str) -> None:
        super().__init__(f"huggingface: {why}")
        self.outcome = COLD if COLD in why else CircuitOpen.outcome  # type: ignore[misc] # its own word


class _Told(msgspec.Struct):
    """What lies in the store while an endpoint rests."""

    why: str
    until_ms: int


class Rest:
    """Free while the endpoint answers, one request at a time until it has, none for 30 s after a
    failure. With a store, a failure anywhere is one everywhere.

    Args:
        name: of what rests, the same in every process that asks the same address.
    """

    def __init__(self, clock: Clock, store: Store | None, name: str) -> None:
        self._clock = clock
        self._store = store
        self._rest_key = f"v1:hf:rest:{name}"
        self._ask_key = f"v1:hf:asking:{name}"
        self._well = False
        self._asking = False
        self._claimed = False
        self._until_ms = 0
        self._why = ""

    async def enter(self) -> None:
        """Pass, or raise.

        Raises:
            EndpointResting: not now, and why.
        """
        if self._clock.now_ms() < self._until_ms:
            raise EndpointResting(self._why)
        if self._well:
            self._heed(await self._store.get(self._rest_key) if self._store else None)
            return
        if self._asking:
            raise EndpointResting("the first request is still under way")
        self._asking = True
        try:
            await self._claim()
        except BaseException:
            self._asking = False
            raise

    async def leave(self, failed: str | None, *, told: bool = True) -> None:
        """A request ended, well if `failed` is `None`; `told` is false if it tells nothing of the
        endpoint."""
        claimed, self._asking, self._claimed = self._claimed, False, False
        if told:
            self._well = failed is None
        if failed is None:
            if claimed and self._store:
                await asyncio.shield(self._store.release(self._ask_key))
            return
        self._why, self._until_ms = failed, self._clock.now_ms() + round(REST_S * 1000)
        if self._store:
            word = msgspec.json.encode(_Told(failed, self._until_ms))
            await self._store.settle(self._rest_key, word, REST_S, self._ask_key)

    async def _claim(self) -> None:
        if self._store is None:
            return
        claim = await self._store.claim(self._ask_key, _ASKING_S, self._rest_key)
        try:
            self._heed(claim.value)
        except EndpointResting:  # whoever asked before us has failed just now
            if claim.mine:
                await self._store.release(self._ask_key)
            raise
        if not claim.mine:
            raise EndpointResting("the first request is still under way")
        self._claimed = True

    def _heed(self, word: bytes | None) -> None:
        """Learn of a failure in another process."""
        if word is None:
            return
        try:
            told = msgspec.json.decode(word, type=_Told)
        except msgspec.MsgspecError:  # not ours: as good as none
            return
        now_ms = self._clock.now_ms()
        self._well = False
        self._why = told.why
        self._until_ms = min(told.until_ms, now_ms + round(REST_S * 1000))
        if now_ms < self._until_ms:
            raise EndpointResting(self._why)
