"""The one road that all data takes: cache, single flight, sources in order."""

from collections.abc import Iterable, Mapping
from functools import partial
from math import inf
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from lib.clock import Clock
from lib.errors import SourceError
from lib.feeds import Feed
from lib.highway.canvass import Canvass, canvass
from lib.highway.flight import Flights
from lib.highway.gate import Gate
from lib.highway.race import HEDGE_S, Race
from lib.highway.refusals import Refusals
from lib.highway.shared import SharedValues, key_of
from lib.highway.shelf import Shelf
from lib.highway.sources import Sources
from lib.highway.watch import Watch
from lib.observe import Observer, Unobserved
from lib.providers.base import Provider
from lib.queries import Everything, Query
from lib.sourced import NoSource, Sourced, arrived
from lib.store import Store
from lib.units import UnixMs

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")


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
        self.shelf = Shelf(clock)
        self.watch = Watch(self.shelf, clock)
        self.refusals = Refusals(clock)
        self.gates = {one.name: Gate(one, clock, observer, self.watch.vet) for one in providers}
        self._clock = clock
        self._shared = SharedValues(store, clock)
        self._observer = observer or Unobserved()
        self._inline = inline
        self._hedge_s = hedge_s
        self._flights = Flights(expected=(NoSource, SourceError))
        self._sources = Sources(self.gates, self.shelf, self._flights, clock)

    async def fetch(
        self, feed: Feed[Q, T], query: Q, *, fresh_s: float | None = None
    ) -> Sourced[T]:
        """The best value for the question: fresh, or stale while it is refreshed, or kept.

        Raises:
            NoSource: every source failed or lacks it, and nothing is kept.
        """
        return cast("Sourced[T]", await self._fetch(feed, query, fresh_s))

    async def board(self, feed: Feed[Any, T], fresh_s: float) -> Sourced[Mapping[str, T]]:
        """Every row that one source has, by the rules of `fetch`.

        Raises:
            NoSource: every bulk source failed, and nothing is kept.
        """
        found = await self._fetch(feed, Everything(), fresh_s)
        return cast("Sourced[Mapping[str, T]]", found)

    async def fetch_each(self, feed: Feed[Q, T], query: Q) -> Canvass[T]:
        """What each source of a feed says to one question, asked for where it is not fresh.

        Raises:
            NoSource: nobody had it just now.
        """
        self.refusals.check(feed, query)
        fresh_s = feed.fresh_for(query, self._clock.now_ms())
        hear = partial(self._sources.hear, feed=feed, query=query, fresh_s=fresh_s)
        sources, patience_s = self._sources.of(feed), 2 * self._hedge_s
        told = await canvass(feed, query, sources, hear, self.shelf, patience_s)
        return replace(told, stuck=self.watch.stuck_about(query), known=self.watch.known(query.key))

    def at_hand(self, feed: Feed[Q, T], query: Q, *, any_age: bool = False) -> Sourced[T] | None:
        """A fresh value (or any) if this process has one; nobody is asked."""
        near = self.shelf.near(feed, query, feed.fresh_for(query, self._clock.now_ms()))
        if near is None:
            return None
        fresh_s = feed.fresh_for(query, near.fetched_ms, degraded=near.degraded)
        young = self.shelf.age_s(near) < fresh_s
        return cast("Sourced[T]", near) if young or any_age else None

    def put_rows(
        self, feed: Feed[Any, T], source: str, rows: Mapping[str, T], at_ms: UnixMs | None = None
    ) -> None:
        """A live stream brings rows: each is as good as if it had been fetched just now, or
        `at_ms`, when another process had it."""
        fetched_ms = self._clock.now_ms() if at_ms is None else at_ms
        sourced = {key: arrived(row, source, fetched_ms) for key, row in rows.items()}
        self.shelf.put_rows(feed.name, source, sourced)

    def can_ask(self, feed: Feed[Any, Any]) -> bool:
        """Whether one of a feed's sources needs no key, or has it."""
        sources = (self.gates[name].provider for name in feed.sources if name in self.gates)
        return any(source.has_key or not source.needs_key for source in sources)

    def is_down(self, feed: Feed[Any, Any]) -> bool:
        """Whether nobody answered the last question to a feed, and none of its sources has
        answered anything since."""
        down_at = self.refusals.down_at(feed)
        gates = [self.gates[name] for name in feed.sources if name in self.gates]
        return down_at is not None and all(gate.last_ok_s < down_at for gate in gates)

    def key_variable(self, source: str) -> str:
        """The environment variable that holds a source's key."""
        return self.gates[source].provider.key_variable or ""

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._flights.aclose()
        await self._shared.aclose()

    # ages

    async def _fetch(
        self, feed: Feed[Any, Any], query: Query, fresh_s: float | None
    ) -> Sourced[Any]:
        fresh = fresh_s or feed.fresh_for(query, self._clock.now_ms())
        near = self.shelf.near(feed, query, fresh)
        if near is None:
            self.refusals.check(feed, query)
        look_far = near is None and bool(self._shared)
        if look_far:
            near = await self._flights.join(
                ("store", feed.name, query.key), partial(self._youngest, feed, query, fresh)
            )
        if near and not fresh_s:
            # a bar that ran when it was fetched has not settled by growing old
            fresh = feed.fresh_for(query, near.fetched_ms, degraded=near.degraded)
        age = self.shelf.age_s(near) if near else inf
        if near and age < fresh:
            self._observer.looked_up(feed.name, "hit")
            return near
        flight = ("load", feed.name, query.key)
        load = partial(self._load, feed, query, fresh, looked_far=look_far)
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
            kept = self.shelf.near(feed, query, fresh)
            if kept is None or self.shelf.age_s(kept) >= feed.keep_s:
                raise
            return kept

    async def _youngest(
        self, feed: Feed[Any, Any], query: Query, fresh_s: float
    ) -> Sourced[Any] | None:
        """What is at hand, unless the store has something younger."""
        near = self.shelf.near(feed, query, fresh_s)
        found = self.watch.believed(feed, query, await self._shared.get(feed, query))
        if found is None or self.shelf.age_s(found) >= (self.shelf.age_s(near) if near else inf):
            return near
        self._keep(feed, query, found)
        return found

    # fetching

    async def _load(
        self, feed: Feed[Any, Any], query: Query, fresh_s: float, *, looked_far: bool
    ) -> Sourced[Any]:
        deadline = self._clock.monotonic() + feed.budget_s
        self.refusals.check(feed, query)
        if not looked_far:
            near = await self._youngest(feed, query, fresh_s)
            if near and self.shelf.age_s(near) < fresh_s:
                return near
        mine, settled = await self._shared.claim(feed, query)
        settled = self.watch.believed(feed, query, settled)
        if settled and self.shelf.age_s(settled) < fresh_s:
            if mine:
                await self._shared.release(feed, query)
            self._keep(feed, query, settled)
            return settled
        if not mine:
            other = await self._from_other(feed, query, fresh_s)
            if other:
                return other
        race: Race[Sourced[Any]] = Race(self._clock, self._hedge_s)
        ask = partial(self._sources.ask, feed=feed, query=query, fresh_s=fresh_s)
        vouched = self.watch.vouching(feed, query, ask)
        won = await race.run(self._sources.of(feed), vouched, deadline - self._clock.monotonic())
        if won is None:
            await self._shared.release(feed, query)
            refusal = NoSource(feed.name, query.key, race.tried)
            self._note_refusal(feed, query, fresh_s, refusal)
            raise refusal
        found = replace(won[1], tried=race.tried)
        self._keep(feed, query, found)
        self.shelf.credit(feed.name, found)
        settle = partial(self._shared.settle, feed, query, found)
        if self._inline:
            await settle()
        elif self._shared:
            self._flights.start(("settle", key_of(feed, query)), settle)
        return found

    async def _from_other(
        self, feed: Feed[Any, Any], query: Query, fresh_s: float
    ) -> Sourced[Any] | None:
        """Another process fetches: what it brings, or at once what may be served meanwhile."""
        near = self.shelf.near(feed, query, fresh_s)
        if near and self.shelf.age_s(near) < feed.stale_s:
            return near
        young_ms = self._clock.now_ms() - round(fresh_s * 1000)
        other = await self._shared.from_other(feed, query, young_ms)
        other = self.watch.believed(feed, query, other)
        if other is None or self.shelf.age_s(other) >= fresh_s:
            return None
        self._keep(feed, query, other)
        return other

    def _keep(self, feed: Feed[Any, Any], query: Query, found: Sourced[Any]) -> None:
        self.shelf.put(feed, query, found)
        self.refusals.answered(feed, self.shelf.age_s(found))

    # failures

    def _note_refusal(
        self, feed: Feed[Any, Any], query: Query, fresh_s: float, error: NoSource
    ) -> None:
        """Note, on what is kept too, that every source failed."""
        self.refusals.note(feed, query, error)
        near = self.shelf.near(feed, query, fresh_s)
        if near and self.shelf.age_s(near) >= fresh_s:
            self.shelf.put(feed, query, replace(near, refused=error.tried))
