"""What listeners are told: messages made of what streams and polls say, for every channel."""

from collections.abc import Callable, Container, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lib.clock import Clock
from lib.endpoint import Channel
from lib.live.pacing import Pacing
from lib.live.publishing import Publisher
from lib.live.table import LiveTable
from lib.live.topics import Topic
from lib.live.updates import Item, encode
from lib.live.watch import Watch
from lib.streams.base import BarSeen, BookSeen, Event, TickerSeen, TradeSeen, Wanted


class _Trade(Struct):
    id: str


class _Told(Struct):
    source: str
    data: _Trade


class Teller:
    """Tells the listeners of a watched thing what is new of it, and what became of its source.

    Args:
        topics: what somebody listens to.
        backfill: fetches the trades of a venue from one number to another, and tells them.
        label: how a source is named to listeners.
        recall: the last message of a topic, of whichever process.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        publisher: Publisher,
        pacing: Pacing,
        table: LiveTable,
        clock: Clock,
        *,
        topics: Container[Topic],
        backfill: Callable[[Watch, str, int, int], None],
        label: Callable[[str], str],
        recall: Callable[[Topic], bytes | None],
    ) -> None:
        self._channels = channels
        self._publisher = publisher
        self._pacing = pacing
        self._table = table
        self._clock = clock
        self._topics = topics
        self._backfill = backfill
        self._label = label
        self._recall = recall

    def tell(self, watch: Watch, event: Event, source: str, *, polled: bool = False) -> None:
        """Pass something on that a stream told, or a poll."""
        match event:
            case TickerSeen():
                ticker = self._table.row(source, event.ticker) if watch.voice else event.ticker
                watch.told_ms = ticker.time_ms
                self._put(watch, source, ticker)
            case TradeSeen():
                self._trade(watch, event, source)
            case BookSeen():
                time_ms = event.book.time_ms or self._clock.now_ms()
                watch.told_ms = time_ms
                self._put(watch, source, replace(event.book, time_ms=time_ms))
            case BarSeen():
                self._bar(watch, event, source, polled=polled)

    def set_state(self, watch: Watch, state: str, source: str, reason: str) -> None:
        """Where a thing comes from has changed: its listeners are told, but not of the start,
        which is always a poll until the stream runs."""
        if state == watch.state:
            return
        watch.state = state
        if state in ("live", "polling") and not watch.troubled:
            return
        watch.troubled = state != "live"
        facts = {"status": state} | ({"reason": reason} if reason else {})
        self._say(watch, "status", source, facts)

    def last_trade(self, watch: Watch, source: str) -> int | None:
        """The number of the last trade that a source told."""
        return watch.serials.get(self._label(source))

    def serials(self, wanted: Wanted) -> dict[str, int]:
        """The last trade that another process told, so that none is lost when we take over."""
        if wanted.feed != "trades":
            return {}
        texts = [self._recall(topic) for topic in self._topics_of(wanted)]
        told = [msgspec.json.decode(text, type=_Told) for text in texts if text]
        return {one.source: int(one.data.id) for one in told if one.data.id.isdecimal()}

    def _topics_of(self, wanted: Wanted) -> list[Topic]:
        """Who is told of a thing, in every channel that is made of it."""
        return [
            topic
            for name, channel in self._channels.items()
            if channel.feed.name == wanted.feed
            and (topic := Topic(name, wanted.pair, wanted.timeframe)) in self._topics
            and self._publisher.leads(topic)
        ]

    def _put(self, watch: Watch, source: str, value: object) -> None:
        for topic in self._topics_of(watch.wanted):
            message = self._channels[topic.channel].project(topic.pair, value)
            self._pacing.put(topic, message, self._label(source))

    def _bar(self, watch: Watch, event: BarSeen, source: str, *, polled: bool) -> None:
        last, watch.bar = watch.bar, event
        watch.told_ms = event.time_ms
        if polled:  # what was told before, or this, may grow unseen: a later poll tells its end
            watch.bar = None
        elif last and last.bar.open_ms < event.bar.open_ms and not last.bar.closed:
            # not every venue says when a bar is over, but the next one does
            self._put(watch, source, last._replace(bar=replace(last.bar, closed=True)))
        self._put(watch, source, event)

    def _trade(self, watch: Watch, event: TradeSeen, source: str) -> None:
        label = self._label(source)
        last = watch.serials.get(label)
        if event.serial is not None:
            if last is not None and event.serial > last + 1:
                self._report_gap(watch, source, last + 1, event.serial - 1)
            watch.serials[label] = max(event.serial, last or 0)
        elif event.trade.id.isdecimal():  # polled, or of a venue that does not count by one
            watch.serials[label] = max(int(event.trade.id), last or 0)
        if watch.is_new(source, event.trade.id):
            self._put(watch, source, event)

    def _report_gap(self, watch: Watch, source: str, first: int, last: int) -> None:
        self._say(
            watch,
            "gap",
            source,
            {
                "reason": "the stream skipped trades; they follow if the source still has them",
                "missed": last - first + 1,
                "from_id": str(first),
                "to_id": str(last),
            },
        )
        self._backfill(watch, source, first, last)

    def _say(self, watch: Watch, kind: Any, source: str, facts: Mapping[str, object]) -> None:
        for topic in self._topics_of(watch.wanted):
            message = {"type": kind, "channel": topic.channel, "symbol": str(topic.pair), **facts}
            self._pacing.say(Item(topic, kind, encode(message), self._label(source)))
