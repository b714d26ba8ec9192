"""One message of an API Gateway connection: what is answered, and how the connection stands then.

The same `Session` as on a socket of our own, made anew from the connection's row.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import httpx

from adapters.aws.connections import Connection
from adapters.aws.posting import LARGEST_POST
from adapters.envelope import render_error
from adapters.visit import Reception, Visit
from lib.auth import Principal
from lib.endpoint import Channel
from lib.errors import (
    ApiError,
    DeadlinePassed,
    NotConfigured,
    PayloadTooLarge,
    UpstreamUnavailable,
)
from lib.feeds import TICKERS
from lib.live.admission import Admission
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
from lib.live.updates import Item, build_update, encode
from lib.queries import PairQuery
from lib.runtime import Runtime
from lib.sourced import NoSource

PATH_S: Final = 5.0


class Turn:
    """One message in the making.

    Attributes:
        said: what is to be posted, in order.
        asked: topics that were asked for and can be followed.
    """

    def __init__(
        self,
        one: Connection,
        channels: Mapping[str, Channel],
        runtime: Runtime,
        reception: Reception,
        admission: Admission,
        request_id: str,
    ) -> None:
        self.said: list[bytes] = []
        self.asked: list[Topic] = []
        self._one = one
        self._channels = channels
        self._runtime = runtime
        self._reception = reception
        self._admission = admission
        self._request_id = request_id
        self._key_name = one.key_name
        most = runtime.settings.ws_max_symbols
        self._session = Session(channels[one.channel], channels, most)
        self._session.topics = set(one.topics)

    @property
    def after(self) -> Connection:
        """The connection as it shall be."""
        topics = frozenset(self._session.topics)
        return replace(self._one, topics=topics, key_name=self._key_name)

    async def play(self, text: str) -> None:
        """Do what a message asks for."""
        for act in self._session.receive(text):
            await self._do(act)

    def hello(self) -> list[bytes]:
        """The first frame, for channels that greet."""
        return [self._encode(act.message) for act in self._session.hello() if isinstance(act, Say)]

    async def _do(self, act: Act) -> None:
        match act:
            case Say():
                self._say(act.message)
            case Fault():
                self._refuse(act.error)
            case Subscribe():
                await self._subscribe(act)
            case Serve():
                await self._serve(act.target)
            case Identify():
                principal = self._runtime.keys.principal(None, act.key)
                self._key_name = principal.name if principal else self._key_name
            case Leave() | Unserve():
                pass  # the session has done so already; no path is followed here

    def _say(self, message: Mapping[str, Any]) -> None:
        self.said.append(self._encode(message))

    def _encode(self, message: Mapping[str, Any]) -> bytes:
        return encode({**message, "timestamp": self._runtime.clock.now_ms()})

    async def _subscribe(self, asked: Subscribe) -> None:
        refused = await self._admission.refuse(asked.pairs, self._one.caller)
        topics, acknowledgement = self._session.settle(asked, refused)
        self.asked += topics
        first = await self._first(asked.channel, topics)
        if self._session.own.greets:
            self._say(acknowledgement)
            self.said += first
        else:  # on /ws the first frame is taken as the answer
            self.said += first
            self._say(acknowledgement)

    async def _first(self, channel: Channel, topics: Sequence[Topic]) -> list[bytes]:
        """The values of tickers, which the look-up has just fetched; all else comes from the pump,
        and so does the news that no source answers."""
        if channel.feed is not TICKERS:
            return []
        highway, ctx = self._runtime.highway, self._runtime.context()
        queries = [PairQuery(topic.pair) for topic in topics]
        found = await asyncio.gather(
            *(highway.fetch(TICKERS, query) for query in queries), return_exceptions=True
        )
        texts = []
        now_ms = self._runtime.clock.now_ms()
        for count, (topic, value) in enumerate(zip(topics, found, strict=True)):
            if isinstance(value, NoSource):
                continue
            if isinstance(value, BaseException):
                raise value
            body = encode(channel.project(topic.pair, value.value))
            item = Item(topic, "data", body, ctx.label(value.source))
            texts.append(build_update(channel, item, now_ms * 1000 + count, now_ms).text)
        return texts

    async def _serve(self, target: str) -> None:
        try:
            self._reception.count(self._visit())
            good, body = await self._path(target)
        except ApiError as error:
            self._refuse(error)
            return
        self.said.append(body)
        if good:
            self._say({"type": "subscribed", "service": target, "updates": False})

    async def _path(self, target: str) -> tuple[bool, bytes]:
        """What a path answers over HTTP: this function has no other endpoint in it."""
        root = self._runtime.settings.http_endpoint
        if root is None:
            raise NotConfigured("Set HTTP_ENDPOINT to use this", {"variables": ["HTTP_ENDPOINT"]})
        headers = {"accept-encoding": "identity", "x-request-id": self._request_id}
        try:
            url = root.rstrip("/") + target
            reply = await self._runtime.client.get(url, headers=headers, timeout=PATH_S)
        except httpx.TimeoutException:
            raise DeadlinePassed(f"No answer within {PATH_S} s", {"deadline_s": PATH_S}) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why = {"sources": {"http_api": type(error).__name__}}
            raise UpstreamUnavailable("The HTTP API cannot be reached", why) from None
        if len(reply.content) > LARGEST_POST:
            raise PayloadTooLarge(
                "This answer is larger than a message here can be: ask for less, or over HTTP",
                {"bytes": len(reply.content), "limit_bytes": LARGEST_POST},
            )
        return reply.is_success, reply.content

    def _refuse(self, error: ApiError) -> None:
        now_ms = self._runtime.clock.now_ms()
        self.said.append(render_error(error, now_ms, self._request_id)[0])

    def _visit(self) -> Visit:
        visit = self._reception.greet({"headers": (), "client": (self._one.caller, 0)})
        visit.principal = Principal(self._key_name) if self._key_name else None
        return visit
