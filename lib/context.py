"""What an endpoint may do: fetch values, say what is missing, and leave a trail of provenance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from lib.assets import AssetTable
from lib.clock import Clock
from lib.endpoint import Ambiguous, Provenance
from lib.errors import InvalidSymbol, NotConfigured, UpstreamUnavailable
from lib.feeds import TICKERS, Feed
from lib.market import DOLLARS, Pair
from lib.queries import Everything, PairQuery, Query
from lib.sourced import FAILURES, Attempt, NoSource, Sourced
from lib.symbols import Spoken, parse_symbol

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")

if TYPE_CHECKING:  # whoever imports this for an annotation shall not load the road behind it
    from lib.auth import Principal
    from lib.desk import Desk
    from lib.highway.canvass import Canvass
    from lib.highway.road import Highway
    from lib.ledger.ledger import Ledger
    from lib.onchain.wallets import Wallets

RETRY_MS = 10_000
"""How long a reply is good that lacks a part because sources failed: they may be back soon."""


class Part:
    """One value that went into a reply, and how long it is good for."""

    __slots__ = ("feed", "fresh_s", "sourced")

    def __init__(self, feed: Feed[Any, Any], sourced: Sourced[Any], fresh_s: float) -> None:
        self.feed = feed
        self.sourced = sourced
        self.fresh_s = fresh_s


class Context:
    """One reply in the making."""

    def __init__(
        self,
        highway: "Highway",
        clock: Clock,
        assets: AssetTable,
        *,
        wallets: "Callable[[], Wallets] | None" = None,
        sandbox: bool = False,
    ) -> None:
        self.clock = clock
        self.assets = assets
        self._wallets = wallets
        self.missing: dict[str, str] = {}
        self.parts: list[Part] = []
        self.notes: dict[str, Any] = {}
        self.desk: Desk | None = None  # operations only
        self.principal: Principal | None = None  # whose key the request carries; never if cached
        self.ledger: Ledger | None = None  # where forecasts are recorded, if anywhere
        self._highway = highway
        self._sandbox = sandbox
        self._tried: list[Attempt] = []  # beside those of the parts
        self._failed = False
        self._failed_ms: int | None = None

    @property
    def wallets(self) -> "Wallets":
        """Whose wallet an address is; read when it is first asked for."""
        if self._wallets is None:
            raise LookupError("this context knows no wallets")
        return self._wallets()

    # asking

    def can_ask(self, feed: Feed[Any, Any]) -> bool:
        """Whether a feed has a source that needs no key, or has it."""
        return self._highway.can_ask(feed)

    async def fetch(
        self, feed: Feed[Q, T], query: Q, *, fresh_s: float | None = None, symbol: str = ""
    ) -> T:
        """The value, or the `ApiError` that says why there is none.

        Args:
            fresh_s: accept a value of this age instead of the feed's own freshness.
            symbol: what to call the thing in `INVALID_SYMBOL`.
        """
        try:
            found = await self._highway.fetch(feed, query, fresh_s=fresh_s)
        except NoSource as error:
            raise self._api_error(error, symbol) from error
        return self._use(feed, query, found, fresh_s)

    async def fetch_or_none(
        self, feed: Feed[Q, T], query: Q, missing: str, *, fresh_s: float | None = None
    ) -> T | None:
        """The value, or `None` with the reason noted under `missing` in the reply's `meta`."""
        try:
            found = await self._highway.fetch(feed, query, fresh_s=fresh_s)
        except NoSource as error:
            self.lacks(missing, reason_of(error), failed=not error.unknown)
            return None
        return self._use(feed, query, found, fresh_s)

    async def fetch_each(self, feed: Feed[Q, T], query: Q, *, symbol: str = "") -> "Canvass[T]":
        """What each source of a feed says, or the `ApiError` that says why none does."""
        try:
            told = await self._highway.fetch_each(feed, query)
        except NoSource as error:
            raise self._api_error(error, symbol) from error
        for found in told.found.values():
            self._use(feed, query, found, None)
        failed = [one for one in told.tried if one.outcome in FAILURES]
        self._tried += told.tried
        if failed:
            self._fail()
        return told

    async def board(self, feed: Feed[Any, T], fresh_s: float) -> Mapping[str, T]:
        """Every row of one source, or the `ApiError` that says why there is none."""
        try:
            found = await self._highway.board(feed, fresh_s)
        except NoSource as error:
            raise self._api_error(error, "") from error
        self.parts.append(Part(feed, found, fresh_s))
        return found.value

    async def board_or_none(self, feed: Feed[Any, T], fresh_s: float) -> Mapping[str, T] | None:
        """Every row of one source; `None` makes the reply a degraded one."""
        try:
            found = await self._highway.board(feed, fresh_s)
        except NoSource:
            self._fail()
            return None
        self.parts.append(Part(feed, found, fresh_s))
        return found.value

    def at_hand(self, feed: Feed[Q, T], query: Q) -> Sourced[T] | None:
        """A fresh value if this process has one; it becomes part of the reply only by `use`."""
        return self._highway.at_hand(feed, query)

    def use(self, feed: Feed[Any, Any], sourced: Sourced[T], fresh_s: float) -> T:
        """Make a value that was at hand part of the reply."""
        self.parts.append(Part(feed, sourced, fresh_s))
        return sourced.value

    # saying

    def lacks(self, field: str, reason: str, *, failed: bool = False, soon: bool = True) -> None:
        """Say why a field is null; `failed` when a source should have given it, `soon` when it may
        do so within seconds."""
        self.missing[field] = reason
        self._failed = self._failed or failed
        if failed and soon:
            self._fail()

    def note(self, **notes: Any) -> None:
        """Add facts to `meta`, such as `renamed_from`."""
        self.notes.update({name: value for name, value in notes.items() if value is not None})

    def read_symbol(self, text: str, field: str = "symbol") -> Spoken:
        """Understand a symbol, and note in `meta` if the asset was renamed or its ticker is not
        its own. `field` is the parameter that it came in.

        Raises:
            InvalidParameter: it is no symbol at all.
        """
        spoken = parse_symbol(text, field=field)
        others = [Ambiguous(o.id, o.name, o.rank) for o in self.assets.others(spoken.pair.base)]
        self.note(renamed_from=spoken.renamed_from, ambiguous=others or None)
        return spoken

    def as_of_ms(self, feed: Feed[Any, Any]) -> int:
        """The source's own time of what a feed gave to this reply; 0 if it gave nothing."""
        return next((part.sourced.as_of_ms for part in self._of(feed)), 0)

    def source_of(self, feed: Feed[Any, Any]) -> str:
        """Which source answered for a feed in this reply; empty if none did."""
        return next((part.sourced.source for part in self._of(feed)), "")

    def _of(self, feed: Feed[Any, Any]) -> Iterator[Part]:
        return (part for part in self.parts if part.feed.name == feed.name)

    def label(self, source: str) -> str:
        """A source's name as callers see it."""
        return f"sandbox:{source}" if self._sandbox else source

    # the trail

    def lead(self, feeds: Iterable[Feed[Any, Any]]) -> Part | None:
        """The part that dates the reply: the newest of the last declared feed that was used."""
        order = {feed.name: at for at, feed in enumerate(feeds)}
        return max(
            self.parts,
            key=lambda part: (order.get(part.feed.name, -1), part.sourced.as_of_ms),
            default=None,
        )

    def provenance(self, feeds: tuple[Feed[Any, Any], ...]) -> Provenance | None:
        """Everything about where the reply comes from that does not change; `None` if it comes
        from no source."""
        lead = self.lead(feeds)
        if lead is None:
            return None
        order = {feed.name: at for at, feed in enumerate(feeds)}
        parts = sorted(self.parts, key=lambda part: order.get(part.feed.name, -1))
        sources = dict.fromkeys(part.sourced.source for part in parts)
        tried = dict.fromkeys(self._tried)
        for part in parts:
            tried |= dict.fromkeys((*part.sourced.tried, *part.sourced.refused))
        until = min(part.sourced.fetched_ms + round(part.fresh_s * 1000) for part in self.parts)
        if self._failed_ms is not None:
            until = min(until, self._failed_ms + RETRY_MS)
        return Provenance(
            source=",".join(self.label(source) for source in sources),
            sources_tried=list(tried),
            as_of=lead.sourced.as_of_ms,
            fetched_at=lead.sourced.fetched_ms,
            fresh_until=until,
            degraded=self._failed or any(p.sourced.degraded for p in parts),
            sandbox=self._sandbox,
            missing=self.missing,
            **self.notes,
        )

    # failing

    def _fail(self) -> None:
        self._failed = True
        if self._failed_ms is None:
            self._failed_ms = self.clock.now_ms()

    def _use(
        self, feed: Feed[Any, Any], query: Query, found: Sourced[T], fresh_s: float | None
    ) -> T:
        fresh = fresh_s or feed.fresh_for(query, found.fetched_ms, degraded=found.degraded)
        self.parts.append(Part(feed, found, fresh))
        return found.value

    def unknown_symbol(self, symbol: str) -> InvalidSymbol:
        """The refusal of a symbol that nobody knows, with spellings that exist."""
        suggestions = self.assets.suggest(symbol.split("/")[0])
        return InvalidSymbol.of(symbol, list(islice(self._supported(), 10)), suggestions)

    def _supported(self) -> Iterator[str]:
        """Pairs that there are, the largest assets first; by the board of tickers if at hand."""
        board = self._highway.shelf.near(TICKERS, Everything(), TICKERS.fresh_s)
        for asset in self.assets:
            pair = Pair(asset.symbol, "USDT")
            listed = board is None or any(key in board.value for key in PairQuery(pair).keys)
            if listed and asset.symbol not in DOLLARS:
                yield str(pair)

    def _api_error(
        self, error: NoSource, symbol: str
    ) -> InvalidSymbol | NotConfigured | UpstreamUnavailable:
        if error.unknown and symbol:
            return self.unknown_symbol(symbol)
        reasons = {attempt.source: attempt.outcome for attempt in error.tried}
        if reasons and set(reasons.values()) == {"no_key"}:
            variables = [self._highway.key_variable(source) for source in reasons]
            return NotConfigured(
                f"Set {' or '.join(variables)} to use this", {"variables": variables}
            )
        return UpstreamUnavailable("Every source failed and nothing was kept", {"sources": reasons})


def reason_of(error: NoSource) -> str:
    """Why there is no value, in words for `meta.missing`."""
    told = {*FAILURES, "no_key"}
    failed = [f"{a.source} {a.outcome}" for a in error.tried if a.outcome in told]
    return ", ".join(failed) if failed else "no source has it"


async def gather(*awaitables: Any) -> list[Any]:
    """Run parts of a reply side by side; the first error ends all and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(awaitable) for awaitable in awaitables]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]
