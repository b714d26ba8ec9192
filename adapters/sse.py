"""Channels as event streams: for clients and hosts without websockets."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from adapters.asking import read_query
from adapters.front_door import Receive, Scope, Send
from adapters.station import Station
from adapters.visit import Visit
from lib.errors import InvalidSymbol, NotFound, RateLimited
from lib.live.mailbox import Mailbox
from lib.live.session import Session
from lib.live.topics import Topic
from lib.live.updates import Update, encode
from lib.symbols import parse_symbol

RETRY_MS: Final = 2000
_RESTART: Final = b"event: restart\nretry: %d\ndata: %b\n\n" % (
    RETRY_MS,
    encode({"type": "restart", "reason": "the server restarts; come back with the last id"}),
)
_ID: Final = re.compile(r"[0-9]{1,19}")


class EventStreamApp:
    """`GET /api/stream/{channel}?symbols=` as ASGI, behind the front door."""

    def __init__(self, station: Station) -> None:
        self._station = station

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        station, visit = self._station, scope["visit"]
        channel = station.hub.channels.get(scope["path_params"]["channel"])
        if channel is None:
            known = ", ".join(station.hub.channels)
            raise NotFound(f"There is no such channel; there are {known}")
        query = read_query(scope["query_string"])
        if station.full:
            raise RateLimited(
                "Too many live connections; try again later", {}, {"Retry-After": "5"}
            )
        most = station.runtime.settings.ws_max_symbols
        session = Session(channel, {channel.name: channel}, most)
        asked = session.subscribe(query)
        refused = await station.admission.refuse(asked.pairs, visit.caller)
        topics, acknowledgement = session.settle(asked, refused)
        if not topics:
            first = acknowledgement["rejected"][0]
            parse_symbol(first["symbol"], field="symbols")  # what is no symbol at all is 400
            raise InvalidSymbol(
                f"None of these symbols can be followed: {first['reason']}",
                {"symbol": first["symbol"], "rejected": acknowledgement["rejected"]},
            )
        last = visit.headers.get(b"last-event-id", b"").decode("latin-1")
        stream = EventStream(station, topics, send)
        await stream.serve(visit, acknowledgement, last or query.get("last_event_id", ""), receive)


class EventStream:
    """One client of an event stream."""

    def __init__(self, station: Station, topics: Sequence[Topic], send: Send) -> None:
        self._station = station
        self._hub = station.hub
        self._topics = topics
        self._send = send
        self._mailbox = Mailbox(station.hub.channels.get)
        self._work = asyncio.Event()

    # as a listener and a tenant

    def take(self, updates: Sequence[Update]) -> None:
        """Updates of what this client follows."""
        self._mailbox.put(updates)
        self._work.set()

    def check(self, now: float) -> None:
        """Whoever left is noticed by the server."""

    def going_down(self) -> None:
        """The server ends: so does the stream, and the client comes back with its last id."""
        self._work.set()

    # the stream

    async def serve(
        self, visit: Visit, acknowledgement: object, last: str, receive: Receive
    ) -> None:
        """Send until the client leaves or the server ends."""
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *visit.reply_headers(),
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        if visit.method == "HEAD":
            await self._send({"type": "http.response.body", "body": b""})
            return
        self._station.tenants[self] = None
        known = self._join(last)
        try:
            hello = b"retry: %d\nevent: subscribed\ndata: %b\n\n" % (
                RETRY_MS,
                encode(acknowledgement),
            )
            await self._body(hello + b"".join(known))
            await self._follow(receive)
        finally:
            self._station.tenants.pop(self, None)
            for topic in self._topics:
                self._hub.leave(self, topic)
            self._hub.dropped += self._mailbox.dropped

    def _join(self, last: str) -> list[bytes]:
        """Follow the topics; what was missed since the last id, or how things stand now."""
        for topic in self._topics:
            self._hub.join(self, topic)
        replay = self._hub.replays[self._topics[0].channel]
        if last:
            seq = int(last) if _ID.fullmatch(last) else -1
            missed = replay.since(seq, set(self._topics))
            if missed is not None:
                return [update.event for update in missed]
        latest = [self._hub.latest[topic] for topic in self._topics if topic in self._hub.latest]
        trouble = [self._hub.trouble[topic] for topic in self._topics if topic in self._hub.trouble]
        known = [one.event for one in sorted((*latest, *trouble), key=lambda one: one.seq)]
        return [self._gap(last, replay.last), *known] if last else known

    def _gap(self, last: str, now: int) -> bytes:
        said = {
            "type": "gap",
            "channel": self._topics[0].channel,
            "reason": "what came after this id is no longer kept",
            "from_seq": int(last) if _ID.fullmatch(last) else None,
            "to_seq": now,
        }
        return b"event: gap\ndata: %b\n\n" % encode(said)

    async def _follow(self, receive: Receive) -> None:
        gone = asyncio.create_task(_leaves(receive))
        beat_s = min(15.0, self._station.runtime.settings.ws_heartbeat_s)
        try:
            while not gone.done() and not self._station.ended.is_set():
                work = asyncio.create_task(self._work.wait())
                await asyncio.wait({gone, work}, timeout=beat_s, return_when="FIRST_COMPLETED")
                work.cancel()
                self._work.clear()
                kept = self._mailbox.empty()
                pieces = [
                    one.event if isinstance(one, Update) else b"event: gap\ndata: %b\n\n" % one
                    for one in kept
                ]
                if not gone.done():
                    await self._body(b"".join(pieces) or b": still here\n\n")
            if not gone.done():
                await self._body(_RESTART)
                await self._send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _body(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})


async def _leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
