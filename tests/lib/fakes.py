"""Doubles of what stands around the highway: sources that say what a test tells them, a store in
memory, an observer that remembers, a clock set wrong."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpx

from lib.clock import Clock
from lib.feeds import Feed
from lib.market import Pair, Rates, Ticker
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import Everything, PairQuery, RangeQuery
from lib.store import Claim
from tests.conftest import StillClock

SPOTS = Feed("spots", PairQuery, Ticker, ("alpha", "beta", "gamma"), 5, 60, 300, budget_s=0.4)
SUMS = Feed("sums", Everything, Rates, ("alpha", "beta"), 5, 60, 300, budget_s=0.4)
SPANS = Feed("spans", RangeQuery, Rates, ("alpha",), 5, 60, 300, budget_s=0.4, settled_s=86400)

BTC = PairQuery(Pair("BTC", "USDT"))
ETH = PairQuery(Pair("ETH", "USDT"))


class FakeSource(Provider):
    """Says `price` for every pair, after `hold` is set, unless it has an `error` to raise."""

    base_url = "http://nowhere.invalid"

    def __init__(
        self,
        name: str,
        clock: Clock,
        price: float = 100.0,
        *,
        error: Exception | None = None,
        hold: asyncio.Event | None = None,
        limits: tuple[Limit, ...] = (),
        needs_key: bool = False,
    ) -> None:
        super().__init__(cast("httpx.AsyncClient", None), clock)
        self.__dict__.update(
            name=name, limits=limits, needs_key=needs_key, key_variable=f"{name.upper()}_KEY"
        )
        self.price = price
        self.error = error
        self.hold = hold
        self.takes_s = 0.0
        self.calls: list[object] = []

    async def speak(self, about: object) -> None:
        """Note the call, and wait or fail as told."""
        self.calls.append(about)
        if self.hold:
            await self.hold.wait()
        if self.takes_s:
            cast("StillClock", self._clock).advance(self.takes_s)
        if self.error:
            raise self.error

    def ticker(self, pair: Pair) -> Ticker:
        """The price now."""
        return Ticker(pair=pair, last=self.price, time_ms=self._clock.now_ms())


class One(FakeSource):
    """A source that answers one pair a call."""

    @serves(SPOTS)
    async def spot(self, query: PairQuery) -> Ticker:
        await self.speak(query)
        return self.ticker(query.pair)

    @serves(SUMS)
    async def sums(self, query: Everything) -> Rates:
        await self.speak(query)
        return Rates({"EUR": self.price}, self._clock.now_ms())

    @serves(SPANS)
    async def spans(self, query: RangeQuery) -> Rates:
        await self.speak(query)
        return Rates({query.symbol: self.price}, self._clock.now_ms())


class All(FakeSource):
    """A source that answers every pair it lists in one call."""

    def __init__(self, name: str, clock: Clock, *args: Any, lists: str, **options: Any) -> None:
        super().__init__(name, clock, *args, **options)
        self.lists = lists.split()

    @serves_all(SPOTS)
    async def spots(self) -> Mapping[str, Ticker]:
        await self.speak("all")
        return {name: self.ticker(Pair(*name.split("/"))) for name in self.lists}


class Nonsense(FakeSource):
    """A source whose client gives what is no value at all."""

    @serves(SPOTS)
    async def spot(self, query: PairQuery) -> Ticker:
        await self.speak(query)
        return cast("Ticker", None)


class FakeStore:
    """A store that several highways of a test share; it forgets nothing by itself.

    Args:
        slow: moves this clock on by so many seconds whenever it is read.
    """

    def __init__(self, slow: tuple[StillClock, float] | None = None) -> None:
        self.values: dict[str, bytes] = {}
        self.claims: dict[str, float] = {}
        self.closed = False
        self.looks = 0
        self.settled_after_look: dict[str, bytes] = {}
        self._slow = slow

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(0)
        self.looks += 1
        if self._slow:
            self._slow[0].advance(self._slow[1])
        found = self.values.get(key)
        self.values.update(self.settled_after_look)
        return found

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self.values[key] = value

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        await asyncio.sleep(0)
        mine = key not in self.claims
        if mine:
            self.claims[key] = ttl_s
        return Claim(mine, self.values.get(value_key))

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        await others_run(10)  # long enough to be missed by who does not wait for it
        self.values[key] = value
        self.claims.pop(claim_key, None)

    async def release(self, key: str) -> None:
        self.claims.pop(key, None)

    async def add(self, key: str, amount: int, ttl_s: float) -> int | None:
        return None

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        return None

    async def aclose(self) -> None:
        self.closed = True


class DownStore(FakeStore):
    """A store whose every call fails."""

    async def get(self, key: str) -> bytes | None:
        raise ConnectionError

    async def claim(self, key: str, ttl_s: float, value_key: str) -> Claim:
        raise ConnectionError

    async def settle(self, key: str, value: bytes, ttl_s: float, claim_key: str) -> None:
        raise ConnectionError

    async def release(self, key: str) -> None:
        raise ConnectionError


class Notebook:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.seconds: list[float] = []
        self.lookups: list[str] = []

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None:
        self.calls.append((source, feed, outcome))
        self.seconds.append(seconds)

    def looked_up(self, feed: str, age: str) -> None:
        self.lookups.append(age)


async def others_run(rounds: int = 40) -> None:
    """Let whatever is ready in the background come to its end."""
    for _ in range(rounds):
        await asyncio.sleep(0)


async def until(true: Callable[[], object]) -> None:
    """Wait for something that happens in the background."""
    for _ in range(5000):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never happened")


@contextmanager
def nothing_is_left_behind() -> Iterator[None]:
    """Fail if asyncio complains about lost tasks or exceptions that nobody retrieved."""
    complaints: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    try:
        yield
        gc.collect()
    finally:
        logger.removeHandler(handler)
    assert complaints == []
