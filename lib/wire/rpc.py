"""JSON-RPC over several public hosts of one chain: the right chain, one answer from one host."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import httpx
from msgspec import Raw, Struct

from lib.clock import Clock
from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
)
from lib.highway.race import Race
from lib.providers.base import Provider
from lib.wire.typed import wire_decoder

T = TypeVar("T")

PATIENCE_S: Final = 0.7
"""How long a host has before the next one is asked beside it."""

BUDGET_S: Final = 2.2
"""For all hosts together: a little less than a feed has."""


class Node(Provider):
    """One host of a chain. Everything of one answer is asked of one host, so that it agrees."""

    name = "rpc"
    base_url = ""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, host: str) -> None:
        super().__init__(client, clock, host)
        self.checked = False
        self._serial = 0

    async def call(self, method: str, *params: Any) -> bytes:
        """The `result` of one call, as JSON; never null.

        Raises:
            SourceError: also for an error that comes with HTTP 200, and for a null.
        """
        self._serial += 1
        question = {"jsonrpc": "2.0", "id": self._serial, "method": method, "params": params}
        payload = await self.post("", question)
        return parse_result(payload.body)


class Hosts:
    """The hosts of one chain, the last one that answered first."""

    def __init__(
        self, client: httpx.AsyncClient, clock: Clock, addresses: str, chain_id: int
    ) -> None:
        listed = dict.fromkeys(part.strip() for part in addresses.split(","))
        self._nodes = [Node(client, clock, address) for address in listed if address]
        self._clock = clock
        self._chain_id = chain_id

    async def ask(self, work: Callable[[Node], Awaitable[T]]) -> T:
        """What the first host gives that does the whole work, each on its own; the next one is
        asked when one fails or dawdles.

        Raises:
            SourceError: no host did; what kind, if all failed alike.
        """
        race: Race[T] = Race(self._clock, PATIENCE_S)
        by_name = {str(place): node for place, node in enumerate(self._nodes)}

        async def attempt(name: str) -> T:
            node = by_name[name]
            await self._check(node)
            return await work(node)

        won = await race.run(list(by_name), attempt, BUDGET_S)
        if won is None:
            raise _failure([attempt.outcome for attempt in race.tried])
        winner = by_name[won[0]]
        self._nodes.sort(key=lambda node: node is not winner)
        return won[1]

    async def _check(self, node: Node) -> None:
        """Ask a host once which chain it serves."""
        if node.checked:
            return
        if parse_quantity(await node.call("eth_chainId")) != self._chain_id:
            raise SourceUnavailable("a host of another chain")
        node.checked = True


def parse_result(body: bytes) -> bytes:
    """Read an answer: its result, as JSON.

    Raises:
        SourceThrottled: it asks us to slow down, in one of the ways that hosts have.
        SourceUnavailable: any other error, or a null: it does not have it (yet).
    """
    answer: _Answer = _read_answer(body)
    if answer.error is not None:
        raise _refusal(answer.error)
    result = bytes(answer.result).strip()
    if result == b"null":
        raise SourceUnavailable("a null where an answer belongs")
    return result


def parse_quantity(result: bytes) -> int:
    """Read a number: hex with 0x."""
    return quantity(_read_text(result))


def quantity(text: str) -> int:
    """A number of at most 256 bits, in hex with 0x."""
    digits = text[2:]
    if text[:2] != "0x" or not 1 <= len(digits) <= 64 or not digits.isascii():
        raise SourceMalformed("no quantity")
    if not digits.isalnum():
        raise SourceMalformed("no quantity")
    try:
        return int(digits, 16)
    except ValueError as error:
        raise SourceMalformed("no quantity") from error


class _Answer(Struct):
    result: Raw = Raw(b"null")
    error: Any = None


_read_answer = wire_decoder(_Answer, strict=True)
_read_text = wire_decoder(str, strict=True)


def _refusal(error: Any) -> SourceError:
    words = error if isinstance(error, str) else ""
    code: Any = None
    if isinstance(error, dict):
        words, code = str(error.get("message", "")), error.get("code")
    words = words.lower()
    # -32005 is "limit exceeded" in EIP-1474; the others just say it
    if code in (429, -32005) or "rate limit" in words or "too many requests" in words:
        return SourceThrottled("rpc: limit exceeded")
    return SourceUnavailable("rpc: an error with status 200")


def _failure(outcomes: Sequence[str]) -> SourceError:
    """One error for all hosts: of their kind if they failed alike."""
    alike = outcomes[0] if outcomes and len(set(outcomes)) == 1 else ""
    said = f"{len(outcomes)} hosts: {', '.join(outcomes)}" if outcomes else "no host is set"
    if alike == "throttled":
        return SourceThrottled(said)
    kinds = {
        "timeout": SourceTimeout,
        "geo_blocked": SourceGeoBlocked,
        "malformed": SourceMalformed,
    }
    return kinds.get(alike, SourceUnavailable)(said)
