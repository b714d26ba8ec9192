"""The one road that all data takes: cache, single flight, sources in order."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import msgspec

from lib.clock import Clock
from lib.errors import SourceError, SourceMalformed, SourceTimeout, SourceUnsupported
from lib.feeds import Feed
from lib.flight import Flights
from lib.gate import Gate
from lib.observe import Observer, Unobserved
from lib.providers.base import Provider, Served
from lib.queries import Everything, Query
from lib.race import HEDGE_S, Race
from lib.shared import SharedValues, key_of
from lib.shelf import Shelf
from lib.sourced import NoSource, Sourced
from lib.store import Store

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")

UNKNOWN_S = 60.0  # how long "nobody has it" is believed
_CLOCK_SKEW_MS = 2000  # a value from further in the future means that the clock jumped


class Highway:
    """`fetch` is all that the rest of the service knows of upstreams.

    Young values are returned; old ones are returned while one refresh runs; older ones are
    fetched: one flight a key, one claim between processes, sources in order. What was kept
    answers when every source fails.

    Args:
        inline: refresh before answering, for hosts that freeze after their answer (Lambda).
    """

    def __init__(
        self,
        providers: Iterable[Provider],
        clock: Clock,
        *,
        store: Store | None = None,
        observer: Observer | None = None,
        inline: bool = False,
        hedge_s: float = HEDGE_S,
    ) -> None:
        self.gates = {provider.name: Gate(provider, clock) for provider in providers}
        self.shelf = Shelf()
        self._served = {name: gate.provider.served() for name, gate in self.gates.items()}
        self._clock = clock
        self._shared = SharedValues(store, clock)
        self._observer = observer or Unobserved()
        self._inline = inline
        self._hedge_s = hedge_s
        self._flights = Flights()
        self._unknown: dict[str, tuple[float, NoSource]] = {}

    async def fetch(
        self, feed: Feed[Q, T], query: Q, *, fresh_s: float | None = None
    ) -> Sourced[T]:
        """The best value for the question: fresh, or stale while it is refreshed, or kept.

        Raises:
            NoSource: every source failed or lacks it, and nothing is kept.
        """
        return cast("Sourced[T]", await self._fetch(feed, query, fresh_s))

    async def board(self, feed: Feed[Any, T], fresh_s: float) -> Sourced[Mapping[str, T]]:
        """Every row that one source has, at most `fresh_s` old if a source answers.

        Raises:
            NoSource: every bulk source failed, and nothing is kept.
        """
        found = await self._fetch(feed, Everything(), fresh_s)
        return cast("Sourced[Mapping[str, T]]", found)

    def at_hand(self, feed: Feed[Q, T], query: Q) -> Sourced[T] | None:
        """A fresh value if this process has one; nobody is asked."""
        near = self._near(feed, query)
        fresh = near and self._age_s(near) < feed.fresh_for(query, self._clock.now_ms())
        return cast("Sourced[T]", near) if fresh else None

    def put_rows(self, feed: Feed[Any, T], source: str, rows: Mapping[str, T]) -> None:
        """A live stream brings rows: they join the source's board as if just fetched."""
        board = self.shelf.board(feed.name, source)
        merged = {**board.value, **rows} if board else dict(rows)
        self.shelf.put_board(feed.name, source, self._sourced(source, merged, ()))

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._flights.aclose()
        await self._shared.aclose()

    # ages

    async def _fetch(self, feed: Feed[Any, Any], query: Query, fresh_s: float | None) -> Any:
        fresh = fresh_s or feed.fresh_for(query, self._clock.now_ms())
        near = self._near(feed, query)
        if near is None and self._shared:
            near = await self._flights.join(
                ("store", feed.name, query.key), partial(self._from_store, feed, query)
            )
        age = self._age_s(near) if near else feed.keep_s
        if near and age < fresh:
            self._observer.looked_up(feed.name, "hit")
            return near
        flight = ("load", feed.name, query.key)
        load = partial(self._load, feed, query, fresh)
        # once a refresh was in vain, nobody waits for the next one while something is kept
        patient = feed.keep_s if near and near.refused else feed.stale_s
        if near and age < patient and not self._inline:
            self._observer.looked_up(feed.name, "stale")
            self._flights.start(flight, load)
            return near
        self._observer.looked_up(feed.name, "miss")
        try:
            return await self._flights.join(flight, load)
        except NoSource:
            kept = self._near(feed, query)
            if kept is None or self._age_s(kept) >= feed.keep_s:
                raise
            return kept

    def _age_s(self, value: Sourced[Any]) -> float:
        age_ms = self._clock.now_ms() - value.fetched_ms
        return age_ms / 1000 if age_ms > -_CLOCK_SKEW_MS else float("inf")

    def _near(self, feed: Feed[Any, Any], query: Query) -> Sourced[Any] | None:
        """The youngest value in this process: of its own key, or a row of a board."""
        best = self.shelf.get(key_of(feed, query))
        for source in feed.sources:
            board = self.shelf.board(feed.name, source)
            if board is None or (best and best.fetched_ms >= board.fetched_ms):
                continue
            row = _row(board.value, query)
            if row is not None:
                best = msgspec.structs.replace(board, value=row)
        return best

    # fetching

    async def _load(self, feed: Feed[Any, Any], query: Query, fresh_s: float) -> Sourced[Any]:
        key = key_of(feed, query)
        self._refuse_unknown(key)
        if not await self._shared.claim(feed, query):
            young_ms = self._clock.now_ms() - round(fresh_s * 1000)
            other = await self._shared.from_other(feed, query, young_ms)
            if other:
                self.shelf.put(key, other)
                return other
        race: Race[Sourced[Any]] = Race(self._clock, self._hedge_s)
        ask = partial(self._ask, feed=feed, query=query, fresh_s=fresh_s)
        won = await race.run(feed.sources, ask, feed.budget_s)
        if won is None:
            await self._shared.release(feed, query)
            raise self._refused(feed, query, NoSource(feed.name, query.key, race.tried))
        source, answer = won
        found = msgspec.structs.replace(answer, tried=race.tried)
        board = self.shelf.board(feed.name, source)
        if board and board.fetched_ms == found.fetched_ms:
            self.shelf.put_board(
                feed.name, source, msgspec.structs.replace(board, tried=race.tried)
            )
        if not (board and isinstance(query, Everything)):
            self.shelf.put(key, found)
        settle = partial(self._shared.settle, feed, query, found)
        if self._inline:
            await settle()
        elif self._shared:
            self._flights.start(("settle", key), settle)
        return found

    async def _ask(
        self, source: str, *, feed: Feed[Any, Any], query: Query, fresh_s: float
    ) -> Sourced[Any]:
        """One source's answer to one question, from its board where it serves in bulk."""
        served = self._served.get(source, {}).get(feed.name)
        if served is None:
            raise SourceUnsupported(f"{source} is not here")
        if not served.bulk:
            if isinstance(query, Everything) and feed.query is not Everything:
                raise SourceUnsupported("no bulk answer")
            return await self._flights.join(
                (source, feed.name, query.key), partial(self._call, served, source, query)
            )
        board = self.shelf.board(feed.name, source)
        if board is None or self._age_s(board) >= fresh_s:
            board = await self._flights.join(
                (source, feed.name), partial(self._call, served, source, None)
            )
        row = _row(board.value, query)
        if row is None:
            raise SourceUnsupported(f"{source} does not list it")
        return msgspec.structs.replace(board, value=row)

    async def _call(self, served: Served, source: str, query: Query | None) -> Sourced[Any]:
        gate = self.gates[source]
        gate.check(served.weight)
        method = getattr(gate.provider, served.method)
        began = self._clock.monotonic()
        outcome = "ok"
        try:
            with gate.watch(served.feed.name):
                try:
                    async with asyncio.timeout(served.feed.budget_s):
                        value = await (method() if query is None else method(query))
                except TimeoutError as error:
                    raise SourceTimeout(f"{source}: no answer in time") from error
                if served.bulk and not value:
                    raise SourceMalformed("not one usable row")
        except SourceError as error:
            outcome = error.outcome
            raise
        finally:
            seconds = self._clock.monotonic() - began
            self._observer.called(source, served.feed.name, outcome, seconds)
        answer = self._sourced(source, value, ())
        if served.bulk:
            self.shelf.put_board(served.feed.name, source, answer)
        return answer

    def _sourced(self, source: str, value: Any, tried: tuple[Any, ...]) -> Sourced[Any]:
        now = self._clock.now_ms()
        if isinstance(value, Mapping):
            as_of = max((row.time_ms for row in value.values()), default=0)
        else:
            as_of = value.time_ms
        return Sourced(value, source, tried, as_of or now, now)

    # failures

    def _refused(self, feed: Feed[Any, Any], query: Query, error: NoSource) -> NoSource:
        """Note on what is kept that every source failed, and remember what nobody has."""
        if error.unknown:
            if len(self._unknown) > 1000:
                self._unknown.clear()
            self._unknown[key_of(feed, query)] = (self._clock.monotonic(), error)
        near = self._near(feed, query)
        if near:
            self.shelf.put(key_of(feed, query), msgspec.structs.replace(near, refused=error.tried))
        return error

    def _refuse_unknown(self, key: str) -> None:
        found = self._unknown.get(key)
        if found and self._clock.monotonic() - found[0] < UNKNOWN_S:
            raise NoSource(found[1].feed, found[1].key, found[1].tried)

    async def _from_store(self, feed: Feed[Any, Any], query: Query) -> Sourced[Any] | None:
        found = await self._shared.get(feed, query)
        if found:
            self.shelf.put(key_of(feed, query), found)
        return found


def _row(rows: Any, query: Query) -> Any:
    """The row of a board that answers the query; the whole board for `Everything`."""
    if isinstance(query, Everything):
        return rows
    return next((rows[key] for key in query.keys if key in rows), None)
