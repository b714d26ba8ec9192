"""What a client says over a socket, and what it follows: no I/O, so that any host can drive it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from lib.endpoint import Channel
from lib.errors import ApiError, InvalidParameter, shown
from lib.live.topics import Topic, read_timeframe
from lib.market import Pair
from lib.symbols import parse_symbol

LONGEST_SERVICE: Final = 1000
MOST_SERVICES: Final = 20

VERBS: Final = "subscribe, unsubscribe, ping or auth"


class Say(NamedTuple):
    """Answer with this."""

    message: Mapping[str, Any]


class Fault(NamedTuple):
    """Answer with an error; the socket stays."""

    error: ApiError


class Subscribe(NamedTuple):
    """Look up whether these exist, then `settle`."""

    channel: Channel
    timeframe: str
    pairs: Mapping[Pair, str]  # as written
    rejected: tuple[tuple[str, str], ...]  # as written, why


class Leave(NamedTuple):
    """Follow these no more."""

    topics: tuple[Topic, ...]


class Serve(NamedTuple):
    """Answer with what a path answers, and again whenever that changes."""

    target: str


class Unserve(NamedTuple):
    """Answer with that path no more."""

    target: str


class Identify(NamedTuple):
    """A key came along."""

    key: str


Act: TypeAlias = Say | Fault | Subscribe | Leave | Serve | Unserve | Identify


class Session:
    """One connection's whole state: what it follows.

    Args:
        own: the channel of the socket's path.
        channels: those that a message may name, on a socket that carries several.
    """

    def __init__(self, own: Channel, channels: Mapping[str, Channel], most_symbols: int) -> None:
        self.own = own
        self.topics: set[Topic] = set()
        self.services: set[str] = set()
        self._channels = {own.name: own} if own.greets else channels
        self._most = most_symbols

    def hello(self) -> Iterator[Act]:
        """What to say first."""
        if self.own.greets:
            yield Say({"type": "connection", "status": "connected", "channels": [self.own.name]})

    def receive(self, text: str) -> list[Act]:
        """What to do about a message."""
        try:
            return list(self._acts(_read(text)))
        except ApiError as error:
            return [Fault(error)]

    def _acts(self, message: Mapping[str, Any]) -> Iterator[Act]:
        key = next((message[k] for k in ("token", "api_key", "key") if k in message), None)
        if isinstance(key, str):
            yield Identify(key)
        verb = message.get("action", message.get("type"))
        if verb == "ping":
            yield Say({"type": "pong"})
        elif verb == "pong" or (verb == "auth" and key is not None):
            return
        elif verb == "subscribe":
            yield self._subscribe(message)
        elif verb == "unsubscribe":
            yield from self._unsubscribe(message)
        else:
            name = "type" if "type" in message and "action" not in message else "action"
            raise InvalidParameter.of(name, verb, f"one of {VERBS}")

    def _subscribe(self, message: Mapping[str, Any]) -> Act:
        if "service" in message and not self.own.greets:
            target = _read_target(message["service"])
            if target not in self.services and len(self.services) >= MOST_SERVICES:
                raise InvalidParameter.of("service", target, f"at most {MOST_SERVICES} services")
            return Serve(target)
        return self.subscribe(message)

    def subscribe(self, message: Mapping[str, Any]) -> Subscribe:
        """What a message, or a query, wants to follow.

        Raises:
            InvalidParameter: it names no symbols, or no channel or timeframe that there is.
        """
        channel = self._channel(message)
        timeframe = read_timeframe(channel, message.get("timeframe", message.get("interval")))
        pairs: dict[Pair, str] = {}
        rejected: list[tuple[str, str]] = []
        room = self._most - len(self.topics)
        for written in _read_symbols(message):
            pair = _read_pair(written, rejected)
            if pair is None or pair in pairs:
                continue
            if Topic(channel.name, pair, timeframe) in self.topics:
                pairs[pair] = shown(written)
            elif room > 0:
                pairs[pair] = shown(written)
                room -= 1
            else:
                why = f"over the limit of {self._most} symbols a connection"
                rejected.append((shown(written), why))
        return Subscribe(channel, timeframe, pairs, tuple(rejected))

    def settle(
        self, asked: Subscribe, refused: Mapping[Pair, str]
    ) -> tuple[list[Topic], dict[str, Any]]:
        """Follow what was not refused: the topics, and the acknowledgement."""
        topics = [
            Topic(asked.channel.name, pair, asked.timeframe)
            for pair in asked.pairs
            if pair not in refused
        ]
        self.topics.update(topics)
        rejected = [*asked.rejected, *((asked.pairs[pair], why) for pair, why in refused.items())]
        return topics, _acknowledgement(
            "subscribed", asked.channel, asked.timeframe, topics, rejected
        )

    def _unsubscribe(self, message: Mapping[str, Any]) -> Iterator[Act]:
        if "service" in message and not self.own.greets:
            target = _read_target(message["service"])
            yield Unserve(target)
            yield Say({"type": "unsubscribed", "service": target})
            return
        channel = self._channel(message)
        timeframe = read_timeframe(channel, message.get("timeframe", message.get("interval")))
        rejected: list[tuple[str, str]] = []
        topics = []
        if "symbols" not in message and "symbol" not in message:
            topics = [topic for topic in self.topics if topic.channel == channel.name]
        for written in [] if topics else _read_symbols(message):
            pair = _read_pair(written, rejected)
            topic = Topic(channel.name, pair, timeframe) if pair else None
            if topic and topic in self.topics and topic not in topics:
                topics.append(topic)
            elif pair:
                rejected.append((shown(written), "not subscribed"))
        self.topics.difference_update(topics)
        yield Leave(tuple(topics))
        yield Say(_acknowledgement("unsubscribed", channel, timeframe, topics, rejected))

    def _channel(self, message: Mapping[str, Any]) -> Channel:
        name = message.get("channel", self.own.name)
        channel = self._channels.get(name) if isinstance(name, str) else None
        if channel is None:
            raise InvalidParameter.of("channel", name, "one of " + ", ".join(self._channels))
        return channel


def _acknowledgement(
    verb: str,
    channel: Channel,
    timeframe: str,
    topics: Sequence[Topic],
    rejected: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": verb,
        "channel": channel.name,
        "accepted": [str(topic.pair) for topic in topics],
        "rejected": [{"symbol": symbol, "reason": reason} for symbol, reason in rejected],
    }
    return made | ({"timeframe": timeframe} if timeframe else {})


def _read(text: str) -> Mapping[str, Any]:
    try:
        message = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise InvalidParameter.of("message", shown(text, 40), "a JSON object") from None
    if not isinstance(message, dict):
        raise InvalidParameter.of("message", shown(text, 40), "a JSON object")
    return message


def _read_symbols(message: Mapping[str, Any]) -> Sequence[Any]:
    symbols = message.get("symbols", message.get("symbol"))
    if isinstance(symbols, str):
        symbols = [part for part in symbols.split(",") if part.strip()]
    if not isinstance(symbols, list) or not symbols:
        raise InvalidParameter.of("symbols", symbols, 'a list such as ["BTC/USDT"]')
    return symbols


def _read_pair(written: Any, rejected: list[tuple[str, str]]) -> Pair | None:
    try:
        if not isinstance(written, str):
            raise InvalidParameter.of("symbol", written, "a text")
        return parse_symbol(written).pair
    except InvalidParameter as error:
        rejected.append((shown(written), error.message))
        return None


def _read_target(service: Any) -> str:
    if (
        not isinstance(service, str)
        or not service.startswith("/")
        or len(service) > LONGEST_SERVICE
        or not service.isprintable()
    ):
        raise InvalidParameter.of("service", service, "a path such as /api/market?limit=10")
    return service
