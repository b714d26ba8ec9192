"""API Gateway's websockets: `$connect`, `$disconnect` and `$default`, without state in between.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
An API has one path only, so the query names the channel: `?channel=ticker` is `/ws/ticker`; without
it a socket is `/ws`. Nothing can be written before `$connect` is over, so a channel's hello comes
with the first answer, or from the pump if the client says nothing.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.aws.connections import Connection, Connections
from adapters.aws.function import Answer, Event
from adapters.aws.posting import Gone, NotPosted, Postbox
from adapters.aws.turn import Turn
from adapters.envelope import render_error
from adapters.visit import Reception
from lib.endpoint import Channel
from lib.errors import (
    ApiError,
    InternalError,
    InvalidParameter,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
    shown,
)
from lib.live.admission import Admission
from lib.log import request_id
from lib.runtime import Runtime

KINDS: Final = ("CONNECT", "DISCONNECT", "MESSAGE")
LARGEST_MESSAGE: Final = 64 * 1024  # as on a socket of our own; API Gateway takes twice that
TRIES: Final = 5
EXCHANGE_S: Final = 1.0
DEFAULT_CHANNEL: Final = "market_data"

_log = logging.getLogger("dreammaker.live")


class Sockets:
    """The three routes. Each answers API Gateway with a status, whatever happens."""

    def __init__(
        self,
        runtime: Runtime,
        channels: Sequence[Channel],
        connections: Connections,
        postbox: Postbox,
    ) -> None:
        self._runtime = runtime
        self._channels = {channel.name: channel for channel in channels}
        self._connections = connections
        self._postbox = postbox
        self._reception = Reception(runtime)
        self._admission = Admission(runtime.highway, runtime.limiter)
        self._exchange_s = 0.0

    async def __call__(self, event: Event, context: Any) -> Answer:  # noqa: ARG002 - as AWS calls
        told = event.get("requestContext") or {}
        # not by the route: a message chooses that by its `action`
        kind, connection = told.get("eventType"), told.get("connectionId")
        if not isinstance(connection, str) or kind not in KINDS:
            return self._refusal({}, InvalidParameter.of("event", shown(kind), "a socket's event"))
        identity = str(told.get("requestId", ""))
        request_id.set(identity)  # an event's task is its own
        try:
            if kind == "CONNECT":
                return await self._connect(connection, event)
            if kind == "DISCONNECT":
                await self._connections.close(connection)
            else:
                await self._message(connection, event, identity)
        except Exception:
            _log.exception("socket.failed", extra={"event": kind})
            error = InternalError("Something went wrong on our side")
            if kind == "MESSAGE":
                await self._post(connection, [self._envelope(error, identity)])
            return self._refusal(told, error)
        return {"statusCode": 200}

    async def _connect(self, connection: str, event: Event) -> Answer:
        visit = self._reception.greet(_scope(event))
        try:
            await self._keep_limits_in_step()
            self._reception.count(visit)
            channel = self._channel(event)
        except ApiError as error:
            return self._refusal(event["requestContext"], error)
        name = visit.principal.name if visit.principal else ""
        opened = Connection(connection, channel.name, visit.caller, name)
        await self._connections.open(opened, greets=channel.greets)
        return {"statusCode": 200}

    def _channel(self, event: Event) -> Channel:
        name = (event.get("queryStringParameters") or {}).get("channel", DEFAULT_CHANNEL)
        channel = self._channels.get(name)
        if channel is None:
            raise InvalidParameter.of("channel", name, "one of " + ", ".join(self._channels))
        return channel

    async def _message(self, connection: str, event: Event, identity: str) -> None:
        text = event.get("body") or ""
        refused = _refused(text, encoded=bool(event.get("isBase64Encoded")))
        greeting: list[bytes] = []
        for _ in range(TRIES):
            one = await self._connections.find(connection)
            if one is None or refused:
                refused = refused or NotFound("This connection is not known: connect again")
                await self._post(connection, [self._envelope(refused, identity)], last=True)
                return
            turn = Turn(
                one,
                self._channels,
                self._runtime,
                self._reception,
                self._admission,
                identity,
            )
            owed = one.version == 0 and self._channels[one.channel].greets
            if owed and not greeting and await self._connections.claim_hello(connection):
                greeting = turn.hello()
            await turn.play(text)
            same = turn.after == one and not turn.asked
            if same or await self._connections.save(one, turn.after, turn.asked):
                await self._post(connection, [*greeting, *turn.said])
                return
        raise TimeoutError(f"{TRIES} other messages changed this connection meanwhile")

    async def _post(self, connection: str, texts: Sequence[bytes], *, last: bool = False) -> None:
        """Say these in order; `last` ends the connection afterwards."""
        try:
            for text in texts:
                await self._postbox.post(connection, text)
            if last:
                await self._postbox.close(connection)
                await self._connections.close(connection)
        except Gone:
            await self._connections.close(connection)
        except NotPosted as error:
            _log.warning("socket.not_posted", extra={"why": str(error)})

    async def _keep_limits_in_step(self) -> None:
        now_s = self._runtime.clock.monotonic()
        if self._runtime.store and now_s >= self._exchange_s:
            self._exchange_s = now_s + EXCHANGE_S
            await self._runtime.sync()

    def _refusal(self, told: Mapping[str, Any], error: ApiError) -> Answer:
        """A status for API Gateway, and the envelope for whom it shows it to."""
        body = self._envelope(error, str(told.get("requestId", "")))
        headers = {"content-type": "application/json", **error.headers}
        return {"statusCode": error.status, "headers": headers, "body": body.decode()}

    def _envelope(self, error: ApiError, identity: str) -> bytes:
        return render_error(error, self._runtime.clock.now_ms(), identity)[0]


def _refused(text: Any, *, encoded: bool) -> ApiError | None:
    """Why a message ends its connection."""
    if encoded or not isinstance(text, str):
        return UnsupportedMediaType("Send text, not binary")
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_MESSAGE:
        limit = {"limit_bytes": LARGEST_MESSAGE}
        return PayloadTooLarge(f"A message is at most {LARGEST_MESSAGE} bytes", limit)
    return None


def _scope(event: Event) -> dict[str, Any]:
    """The handshake as the reception reads it."""
    headers = event.get("headers") or {}
    identity = event["requestContext"].get("identity") or {}
    listed = [(k.lower().encode("latin-1"), v.encode("utf-8")) for k, v in headers.items()]
    return {"headers": listed, "client": (str(identity.get("sourceIp", "unknown")), 0)}
