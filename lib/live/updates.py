"""A live message, encoded once for everybody: JSON text, and ready-made frames around it."""

from typing import Final, Literal, NamedTuple

import msgspec

from lib.endpoint import Channel
from lib.live.topics import Topic

Kind = Literal["data", "gap", "status"]

_FIN_TEXT: Final = 0x81
_encode = msgspec.json.Encoder().encode


class Item(NamedTuple):
    """What is to be published: a message without its number and time.

    `body` is JSON: of `data` for data, of all other fields for what is said about it.
    """

    topic: Topic
    kind: Kind
    body: bytes
    source: str


class Update:
    """A published message. Its bytes are made at most once, however many listeners there are."""

    __slots__ = ("_event", "_frame", "at_ms", "kind", "seq", "text", "topic")

    def __init__(self, topic: Topic, kind: Kind, seq: int, at_ms: int, text: bytes) -> None:
        self.topic = topic
        self.kind = kind
        self.seq = seq
        self.at_ms = at_ms
        self.text = text
        self._frame: bytes | None = None
        self._event: bytes | None = None

    @property
    def frame(self) -> bytes:
        """As a websocket frame of a server."""
        if self._frame is None:
            self._frame = text_frame(self.text)
        return self._frame

    @property
    def event(self) -> bytes:
        """As an event of an event stream."""
        if self._event is None:
            name = self.topic.channel if self.kind == "data" else self.kind
            self._event = b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), self.seq, self.text)
        return self._event


def build_update(channel: Channel, item: Item, seq: int, at_ms: int) -> Update:
    """Number and date a message."""
    tail = b',"seq":%d,"published_at":%d,"source":%b}' % (seq, at_ms, _encode(item.source))
    head = b"{"
    for name, value in channel.marks:
        head += b'"%b":%b,' % (name.encode(), _encode(value))
    if item.kind == "data":
        text = head + b'"channel":"%b","data":%b' % (channel.name.encode(), item.body) + tail
    else:
        text = item.body[:-1] + tail
    return Update(item.topic, item.kind, seq, at_ms, text)


def text_frame(text: bytes) -> bytes:
    """A whole text message as an unmasked frame. RFC 6455, section 5.2"""
    size = len(text)
    if size < 126:
        return bytes((_FIN_TEXT, size)) + text
    if size < 65536:
        return bytes((_FIN_TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((_FIN_TEXT, 127)) + size.to_bytes(8, "big") + text


def encode(message: object) -> bytes:
    """JSON of anything."""
    return _encode(message)
