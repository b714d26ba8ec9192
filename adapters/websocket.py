"""Channels over websockets: one `Session` a connection, on any ASGI server."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from adapters.envelope import render_error
from adapters.front_door import Message, Receive, Scope, Send
from adapters.lines import AsgiLine, Line, WireLine
from adapters.repeats import reply_update
from adapters.socket_protocol import LARGEST_MESSAGE, WIRE, SocketProtocol
from adapters.station import Station
from adapters.visit import Visit
from lib.endpoint import Channel
from lib.errors import ApiError, RateLimited
from lib.live.mailbox import Mailbox
from lib.live.session import (
    Act,
    Fault,
    Identify,
    Leave,
    Say,
    Serve,
    Session,
    Subscribe,
    Unserve,
)
from lib.live.topics import Topic
from lib.live.updates import Update, encode
from lib.log import request_id

BINARY, TOO_LARGE, TRY_LATER, POLICY = 1003, 1009, 1013, 1008
GOING_AWAY, RESTART = 1001, 1012

BURST: Final = 500  # messages at once
PER_S: Final = 100  # and so many a second for ever; who sends faster is read more slowly
FIRST_DATA_S: Final = 2.5


class SocketApp:
    """One channel's path as ASGI."""

    def __init__(self, channel: Channel, station: Station) -> None:
        self._channel = channel
        self._station = station

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        station = self._station
        visit = station.reception.greet(scope)  # type: ignore[arg-type]  # Scope is a dict
        request_id.set(visit.request_id.decode("latin-1"))  # the connection's task is its own
        await receive()  # websocket.connect
        try:
            station.reception.count(visit)
        except RateLimited as error:
            await _deny(error, visit, scope, send, station.runtime.clock.now_ms())
            return
        await send({"type": "websocket.accept", "headers": visit.reply_headers()})
        if station.full or station.ended.is_set():
            code = RESTART if station.ended.is_set() else TRY_LATER
            reason = "the server restarts" if station.ended.is_set() else "too many connections"
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return
        await Connection(self._channel, station, visit, scope, receive, send).serve()


async def _deny(error: ApiError, visit: Visit, scope: Scope, send: Send, now_ms: int) -> None:
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": POLICY, "reason": error.message[:100]})
        return
    body, media_type = render_error(error, now_ms, visit.request_id.decode("latin-1"))
    headers = [(b"content-type", media_type.encode()), *visit.reply_headers()]
    kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": error.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


class Connection:
    """One client, from its acceptance to its end."""

    def __init__(
        self,
        channel: Channel,
        station: Station,
        visit: Visit,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._station = station
        self._visit = visit
        self._receive = receive
        self._hub = station.hub
        wire = (scope.get("extensions") or {}).get(WIRE)
        self._wire: SocketProtocol | None = wire
        self._line: Line = WireLine(wire, self._hub) if wire else AsgiLine(send, self._hub)
        most = station.runtime.settings.ws_max_symbols
        self._session = Session(channel, station.hub.channels, most)
        self._messages = float(BURST)
        self._refilled_at = asyncio.get_running_loop().time()
        self._held: Mailbox | None = None
        self._first: asyncio.Event | None = None
        visit.headers = {}
        if wire:
            wire.settle()

    async def serve(self) -> None:
        """Read until the client leaves or is sent away."""
        self._station.tenants[self] = None
        try:
            for act in self._session.hello():
                await self._do(act)
            await self._read()
        finally:
            self._station.tenants.pop(self, None)
            for topic in self._session.topics:
                self._hub.leave(self, topic)
            for target in self._session.services:
                self._station.repeats.leave(self, target)
            self._line.close()

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            refused = _refusal(message)
            if refused:
                await self._line.end(*refused)
                return
            for act in self._session.receive(message["text"]):
                await self._do(act)
            await self._slow_down()

    async def _slow_down(self) -> None:
        now = asyncio.get_running_loop().time()
        self._messages = min(BURST, self._messages + (now - self._refilled_at) * PER_S) - 1
        self._refilled_at = now
        if self._messages < 0:
            await asyncio.sleep(-self._messages / PER_S)

    # as a listener and a tenant

    def take(self, updates: Sequence[Update]) -> None:
        """Updates of what this client follows."""
        if self._held is not None:
            self._held.put(updates)
            if self._first:
                self._first.set()
        else:
            self._line.take(updates)

    def check(self, now: float) -> None:
        """Send away who was silent too long: no frame, no pong."""
        if self._wire and now - self._wire.heard_at > self._station.runtime.settings.ws_idle_s:
            self._wire.end(GOING_AWAY, "nothing was heard of you")

    def going_down(self) -> None:
        """The server ends."""
        if self._wire:
            self._wire.end(RESTART, "the server restarts")

    # acts

    async def _do(self, act: Act) -> None:
        match act:
            case Say():
                await self._say(act.message)
            case Fault():
                await self._fault(act.error)
            case Subscribe():
                await self._subscribe(act)
            case Leave():
                for topic in act.topics:
                    self._hub.leave(self, topic)
            case Serve():
                await self._serve_reply(act.target)
            case Unserve():
                self._station.repeats.leave(self, act.target)
                self._session.services.discard(act.target)
            case Identify():
                self._visit.principal = (
                    self._station.runtime.keys.principal(None, act.key) or self._visit.principal
                )

    async def _say(self, message: Any) -> None:
        now_ms = self._station.runtime.clock.now_ms()
        await self._line.say(encode({**message, "timestamp": now_ms}))

    async def _fault(self, error: ApiError) -> None:
        now_ms = self._station.runtime.clock.now_ms()
        body, _ = render_error(error, now_ms, self._visit.request_id.decode("latin-1"))
        await self._line.say(body)

    async def _subscribe(self, asked: Subscribe) -> None:
        refused = await self._station.admission.refuse(asked.pairs, self._visit.caller)
        topics, acknowledgement = self._session.settle(asked, refused)
        if self._session.own.greets:
            await self._say(acknowledgement)
            known = self._join(topics)
            if known:
                self._line.take(known)
            return
        # on /ws the first frame is taken as the answer: data first, then the acknowledgement
        held = self._held = Mailbox(self._hub.channels.get)
        self._first = asyncio.Event()
        held.put(self._join(topics))
        if topics and not held:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_DATA_S):
                    await self._first.wait()
        first = [one for one in held.empty() if isinstance(one, Update)]
        for update in sorted(first, key=lambda update: (update.kind != "data", update.seq)):
            await self._line.say(update.text)
        await self._say(acknowledgement)
        self._held = self._first = None
        later = [one for one in held.empty() if isinstance(one, Update)]
        if later:
            self._line.take(later)

    def _join(self, topics: Sequence[Topic]) -> list[Update]:
        """Follow topics; what was last said of them."""
        known = []
        for topic in topics:
            self._hub.join(self, topic)
            last = self._hub.latest.get(topic) if topic.channel != "trades" else None
            known += [one for one in (last, self._hub.trouble.get(topic)) if one]
        return sorted(known, key=lambda update: update.seq)

    async def _serve_reply(self, target: str) -> None:
        station = self._station
        try:
            station.reception.count(self._visit)
            rendered = await station.answers.answer(target, self._visit.principal)
        except ApiError as error:
            await self._fault(error)
            return
        await self._line.say(reply_update(target, rendered.body, 0).text)
        follows = rendered.fresh_until_ms > 0 and station.repeats.join(self, target, rendered.body)
        if follows:
            self._session.services.add(target)
        await self._say({"type": "subscribed", "service": target, "updates": follows})


def _refusal(message: Message) -> tuple[int, str] | None:
    text = message.get("text")
    if text is None:
        return BINARY, "send text, not binary"
    if len(text) > LARGEST_MESSAGE:
        return TOO_LARGE, f"a message is at most {LARGEST_MESSAGE} bytes"
    return None
