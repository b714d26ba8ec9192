"""One question to one source: answered from its board where it serves in bulk; no call twice."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from lib.clock import Clock
from lib.errors import SourceError, SourceUnsupported
from lib.feeds import TICKERS, Feed
from lib.highway.doubts import Doubts
from lib.highway.flight import Flights
from lib.highway.gate import Gate
from lib.highway.shelf import Shelf, row_of
from lib.providers.base import Served
from lib.queries import CandleQuery, Everything, PairQuery, Query
from lib.sourced import Sourced

LISTED_S: Final = 600.0
"""How long a list of pairs is good enough to tell a made-up one."""


class Sources:
    """Those of this process, each behind its gate. What one says lies on the shelf, even if
    whoever asked has left meanwhile."""

    def __init__(
        self, gates: Mapping[str, Gate], shelf: Shelf, flights: Flights, clock: Clock
    ) -> None:
        self._gates = gates
        self._served = {name: gate.provider.served() for name, gate in gates.items()}
        self._shelf = shelf
        self._flights = flights
        self._clock = clock
        self._doubts = Doubts(clock)

    def of(self, feed: Feed[Any, Any]) -> list[str]:
        """Who of them serves a feed, in its order."""
        return [name for name in feed.sources if feed.name in self._served.get(name, {})]

    async def ask(
        self, source: str, *, feed: Feed[Any, Any], query: Query, fresh_s: float
    ) -> Sourced[Any]:
        """A source's answer, taken from its board if that is younger than `fresh_s`.

        Raises:
            SourceError: why it was not asked, or did not answer.
        """
        served = self._served[source][feed.name]
        if not served.bulk:
            if isinstance(query, Everything) and feed.query is not Everything:
                raise SourceUnsupported("no bulk answer")
            if self._doubts.about(source) and not await self._lists(source, query):
                raise SourceUnsupported(f"{source} does not list it")
            return await self._flights.join(
                (source, feed.name, query.key), partial(self._call, served, source, query)
            )
        board = self._shelf.board(feed.name, source)
        if board is None or self._shelf.age_s(board) >= fresh_s:
            board = await self._call_for_board(served, source)
        row = row_of(board.value, query)
        if row is None:
            raise SourceUnsupported(f"{source} does not list it")
        return replace(board, value=row)

    async def hear(
        self, source: str, *, feed: Feed[Any, Any], query: Query, fresh_s: float
    ) -> Sourced[Any]:
        """As `ask`, and the answer is kept beside those of the other sources, whoever is better."""

        async def heard() -> Sourced[Any]:
            answer = await self.ask(source, feed=feed, query=query, fresh_s=fresh_s)
            self._shelf.put_rows(feed.name, source, {query.key: answer})
            return answer

        return await self._flights.join(("hear", source, feed.name, query.key), heard)

    async def _lists(self, source: str, query: Query) -> bool:
        """Whether a venue has the pair on its own list of tickers; one without a list is believed
        to know what any other at hand knows. In want of a list the answer is yes."""
        if not isinstance(query, PairQuery | CandleQuery):
            return True  # of addresses, texts and forecasts nobody has a list
        served = self._served[source].get(TICKERS.name)
        if served and served.bulk:
            board = self._shelf.board(TICKERS.name, source)
            if board is None or self._shelf.age_s(board) >= LISTED_S:
                try:
                    board = await self._call_for_board(served, source)
                except SourceError:
                    return True
            boards = [board]
        else:
            known = (self._shelf.board(TICKERS.name, other) for other in TICKERS.sources)
            boards = [board for board in known if board]
        asked = PairQuery(query.pair)
        return not boards or any(row_of(board.value, asked) for board in boards)

    async def _call_for_board(self, served: Served, source: str) -> Sourced[Any]:
        flight = (source, served.feed.name)
        return await self._flights.join(flight, partial(self._call, served, source, None))

    async def _call(self, served: Served, source: str, query: Query | None) -> Sourced[Any]:
        feed = served.feed
        try:
            answer = await self._gates[source].call(served, query)
        except SourceUnsupported:
            self._doubts.note(source)
            raise
        if query is None:
            self._shelf.put_board(feed.name, source, answer)
        else:
            self._shelf.offer(feed, query, answer, feed.fresh_for(query, self._clock.now_ms()))
        return answer
