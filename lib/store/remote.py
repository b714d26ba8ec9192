"""A store that speaks Redis commands, whatever carries them."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from lib.store import PATIENCE_S, BadEntry, Claim
from lib.store.packing import pack, unpack

Command = list[str | int]

LARGE: Final = 256 * 1024
"""Values above this are packed in a thread: the event loop never stops for 10 ms."""

# A claim that ran out may belong to someone else by now; only its owner's mark frees it.
RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# A count without an expiry would stay for ever; so every count that lacks one is given one.
ADD_ALL: Final = """
local totals = {}
for i, key in ipairs(KEYS) do
  totals[i] = redis.call('INCRBY', key, ARGV[i])
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[#ARGV]) end
end
return totals
"""


class RemoteStore(ABC):
    """The commands of a store; how they travel is for `send` to say."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._mark = secrets.token_hex(8)

    @abstractmethod
    async def send(self, commands: list[Command]) -> list[Any]:
        """Carry the commands in one round trip, in order, and return their replies.

        Raises:
            BadEntry: by `complain`, for a key that holds something else.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Close the connections."""

    async def get(self, key: str) -> bytes | None:
        (reply,) = await self._ask(["GET", key])
        return await _got(reply)

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._ask(await _put(key, value, ttl_s))

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        take: Command = ["SET", key, self._mark, "NX", "PX", _ms(ttl_s)]
        taken, reply = await self._ask(take, ["GET", value_key])
        return Claim(bool(taken), await _got(reply))

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        await self._ask(await _put(key, value, ttl_s), self._release(claim_key))

    async def release(self, key: str) -> None:
        await self._ask(self._release(key))

    async def add(self, key: str, amount: int, ttl_s: float) -> int:
        return (await self.add_all({key: amount}, ttl_s))[key]

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int]:
        if not amounts:
            return {}
        (totals,) = await self._ask(
            ["EVAL", ADD_ALL, len(amounts), *amounts, *amounts.values(), _ms(ttl_s)]
        )
        return {key: int(total) for key, total in zip(amounts, totals, strict=True)}

    def _release(self, key: str) -> Command:
        return ["EVAL", RELEASE, 1, key, self._mark]

    async def _ask(self, *commands: Command) -> list[Any]:
        async with asyncio.timeout(self._patience_s):
            replies = await self.send(list(commands))
        if len(replies) != len(commands):
            raise ValueError(f"{len(commands)} commands got {len(replies)} replies")
        return replies


def complain(error: Exception) -> Exception:
    """Tell a key that holds something else from a store that does not work."""
    message = str(error)
    if "WRONGTYPE" in message or "not an integer" in message:
        return BadEntry(message[:80])
    return error


async def _got(reply: Any) -> bytes | None:
    if reply is None:
        return None
    packed = reply.encode() if isinstance(reply, str) else reply
    if not isinstance(packed, bytes):
        raise TypeError(f"GET was answered by {type(reply).__name__}")
    return await asyncio.to_thread(unpack, packed) if len(packed) > LARGE else unpack(packed)


async def _put(key: str, value: bytes, ttl_s: float) -> Command:
    packed = await asyncio.to_thread(pack, value) if len(value) > LARGE else pack(value)
    return ["SET", key, packed, "PX", _ms(ttl_s)]


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
