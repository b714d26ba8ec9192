"""From venues to listeners: which stream tells what, and what is done when none does."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Final

from lib.clock import Clock
from lib.endpoint import Channel
from lib.feeds import Feed
from lib.highway.road import Highway
from lib.live.pacing import Pacing
from lib.live.polling import Poller
from lib.live.publishing import Publisher
from lib.live.table import LiveTable, Share
from lib.live.telling import Teller
from lib.live.topics import Topic, wanted_of
from lib.live.watch import Watch
from lib.market import Pair
from lib.streams.base import (
    BarSeen,
    BookSeen,
    Broken,
    Ending,
    Event,
    Refused,
    TableSeen,
    TickerSeen,
    TradeSeen,
    VenueStream,
    Wanted,
)

if TYPE_CHECKING:
    from lib.streams.reader import Pace, Reader

TICK_S: Final = 0.05
ROUND_S: Final = 0.25
LINGER_S: Final = 70.0  # a topic is watched on, so that whoever returns in a minute missed nothing
COOL_S: Final = 60.0
GEO_COOL_S: Final = 3600.0
FAILURES: Final = 3  # then the next venue
REFUSED_S: Final = 600.0
BROKEN_S: Final = 10.0  # meanwhile the next venue tells it, and this one is left, to be joined anew

_log = logging.getLogger("dreammaker.live")


class Tower:
    """Watches what listeners want.

    Each thing is told by the stream of the first venue that is well and lists it. While none
    tells, it is polled from the highway, and its listeners are told so.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        highway: Highway,
        streams: Iterable[VenueStream],
        publisher: Publisher,
        clock: Clock,
        *,
        label: Callable[[str], str] = str,
        pace: "Pace | None" = None,
        forget: Callable[[Topic], None] = lambda _topic: None,
        recall: Callable[[Topic], bytes | None] = lambda _topic: None,
        share: Share | None = None,
    ) -> None:
        self._channels = channels
        self._highway = highway
        self._streams = {stream.name: stream for stream in streams}
        self._publisher = publisher
        self._clock = clock
        self._forget = forget
        self._feeds: dict[str, Feed[Any, Any]] = {c.feed.name: c.feed for c in channels.values()}
        self._pacing = Pacing(channels, clock)
        self._table = LiveTable(highway, clock, share)
        self._readers = _build_readers(self._streams, self, pace)
        self._topics: dict[Topic, float] = {}  # until when; endless while somebody listens
        self._teller = Teller(
            channels,
            publisher,
            self._pacing,
            self._table,
            clock,
            topics=self._topics,
            backfill=lambda *gap: self._poller.backfill(*gap),
            label=label,
            recall=recall,
        )
        self._poller = Poller(highway, self._teller, clock)
        self._new: list[Topic] = []
        self._watches: dict[Wanted, Watch] = {}
        self._heard: dict[tuple[str, str, Pair, str], list[Watch]] = {}
        self._live: set[str] = set()
        self._cool: dict[str, float] = {}

    # listeners

    def watch(self, topic: Topic) -> None:
        """Somebody listens."""
        if topic not in self._topics:
            self._new.append(topic)
        self._topics[topic] = inf

    def unwatch(self, topic: Topic) -> None:
        """Nobody listens any more: watch on for a while, somebody may return."""
        self._topics[topic] = self._clock.monotonic() + LINGER_S

    # tasks

    async def run(self) -> None:
        """Watch until cancelled."""
        for watch in self._watches.values():
            watch.polling = False  # a run that was ended may have left a poll that never began
        async with asyncio.TaskGroup() as tasks:
            for reader in self._readers.values():
                tasks.create_task(reader.run())
            tasks.create_task(self._ticks())
            tasks.create_task(self._rounds(tasks))

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            items = self._pacing.due()
            if items:
                self._publisher.publish(items)

    async def _rounds(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            self.round(lambda work: tasks.create_task(work))
            await asyncio.sleep(ROUND_S)

    def round(self, start: Callable[[Any], object]) -> None:
        """Look after everything: what is watched, by whom, and what must be polled."""
        now = self._clock.monotonic()
        for topic in [topic for topic, until in self._topics.items() if until < now]:
            del self._topics[topic]
            self._pacing.forget(topic)
            self._forget(topic)
        self._publisher.follow(self._topics)
        self._keep_watches()
        for watch in self._watches.values():
            self._assign(watch, now)
        self._want()
        for watch in self._watches.values():
            if not watch.polling and now >= watch.poll_at:
                watch.polling = True
                start(self._poller.poll(watch, self._feeds[watch.wanted.feed]))
        if "binance" in self._live:
            start(self._table.keep())
        self._table.refresh(self._live)

    def _keep_watches(self) -> None:
        wanted = {
            wanted_of(self._channels[topic.channel], topic): None
            for topic in self._topics
            if self._publisher.leads(topic)
        }
        for gone in self._watches.keys() - wanted.keys():
            del self._watches[gone]
        for one in wanted:
            if one not in self._watches:
                self._watches[one] = Watch(one, serials=self._teller.serials(one))
        for topic in self._new:
            watch = self._watches.get(wanted_of(self._channels[topic.channel], topic))
            if watch:
                watch.poll_at = -inf  # its first value must not wait for the next change
        self._new.clear()

    # which venue

    def _assign(self, watch: Watch, now: float) -> None:
        venues = self._feeds[watch.wanted.feed].sources
        watch.venue = next((v for v in venues if self._may_tell(v, watch, now)), None)
        if watch.voice is None and watch.venue in self._live and watch.wanted.feed != "books":
            # its stream runs, and speaks up when something changes; of a book, at once
            self._give_voice(watch, watch.venue)

    def _may_tell(self, venue: str, watch: Watch, now: float) -> bool:
        stream = self._streams.get(venue)
        if not stream or not stream.serves(watch.wanted) or self._cool.get(venue, -inf) > now:
            return False
        if watch.refused_by.get(venue, -inf) > now:
            return False
        board = self._highway.shelf.board("tickers", venue)
        return board is None or str(stream.listed(watch.wanted.pair)) in board.value

    def _want(self) -> None:
        asked: dict[str, set[Wanted]] = {name: set() for name in self._readers}
        self._heard = {}
        for watch in self._watches.values():
            # the old voice speaks on until the better one is heard
            for venue in {watch.venue, watch.voice} - {None}:
                assert venue  # noqa: S101 - for the type checker
                pair = self._streams[venue].listed(watch.wanted.pair)
                # as it is listed: leaving BTC/USDT must not end BTC/USD, which is the same there
                asked[venue].add(watch.wanted._replace(pair=pair))
                key = (venue, watch.wanted.feed, pair, watch.wanted.timeframe)
                self._heard.setdefault(key, []).append(watch)
        for name, reader in self._readers.items():
            reader.want(asked[name])
            self._table.retain(
                name, {str(one.pair) for one in asked[name] if one.feed == "tickers"}
            )
            if not asked[name]:
                self._live.discard(name)
                self._table.drop(name)

    def _give_voice(self, watch: Watch, venue: str) -> None:
        watch.voice = venue
        watch.bar = None  # it may have grown while nobody told
        self._teller.set_state(watch, "live", venue, "")

    # what readers tell

    def seen(self, venue: str, events: list[Event]) -> None:
        """A frame of a venue's stream."""
        if events and not isinstance(events[0], Refused | Broken | Ending):
            self._live.add(venue)
        self._table.heard(venue)
        for event in events:
            match event:
                case TickerSeen():
                    self._tell("tickers", event.ticker.pair, venue, event)
                case TradeSeen():
                    self._tell("trades", event.pair, venue, event)
                case BookSeen():
                    self._tell("books", event.book.pair, venue, event)
                case BarSeen():
                    self._tell("candles", event.pair, venue, event, event.timeframe)
                case TableSeen():
                    self._table.overlay(venue, event.rows)
                case Refused():
                    self._set_aside(venue, event, REFUSED_S)
                case Broken():
                    self._set_aside(venue, event, BROKEN_S)
                case Ending():
                    _log.info("stream.ending", extra={"source": venue, "why": event.reason})

    def lost(self, venue: str, reason: str, failures: int, *, geo: bool) -> None:
        """A venue's stream broke off, or could not be had."""
        now = self._clock.monotonic()
        self._live.discard(venue)
        self._table.drop(venue)
        if geo or failures >= FAILURES:
            self._cool[venue] = now + (GEO_COOL_S if geo else COOL_S)
        for watch in self._watches.values():
            self._silence(watch, venue, reason)

    def _silence(self, watch: Watch, venue: str, reason: str) -> None:
        """A venue tells this no more."""
        if watch.voice == venue:
            watch.voice = None
        if watch.voice is None and watch.venue == venue:
            watch.poll_at = self._clock.monotonic()
            if watch.state:
                self._teller.set_state(watch, "reconnecting", venue, reason)

    def _tell(self, feed: str, pair: Pair, venue: str, event: Event, timeframe: str = "") -> None:
        for watch in self._heard.get((venue, feed, pair, timeframe), ()):
            if watch.voice != venue:
                if watch.voice is not None and venue != watch.venue:
                    continue
                self._give_voice(watch, venue)
            self._teller.tell(watch, event, venue)

    def _set_aside(self, venue: str, event: Refused | Broken, for_s: float) -> None:
        """Ask the next venue instead for a while."""
        said = "stream.refused" if isinstance(event, Refused) else "stream.broken"
        _log.warning(said, extra={"source": venue, "why": event.reason})
        if event.pair is None and not event.feed:
            return
        until = self._clock.monotonic() + for_s
        for (name, feed, pair, _), watches in self._heard.items():
            if name == venue and event.pair in (None, pair) and event.feed in ("", feed):
                for watch in watches:
                    watch.refused_by[venue] = until
                    self._silence(watch, venue, event.reason)


def _build_readers(
    streams: Mapping[str, VenueStream], tower: Tower, pace: "Pace | None"
) -> "dict[str, Reader]":
    if not streams:
        return {}
    from lib.streams.reader import Reader  # brings a websocket library

    return {name: Reader(stream, tower, pace) for name, stream in streams.items()}
