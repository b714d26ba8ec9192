"""Channels as an AsyncAPI 3 document; nothing in it is said a second time elsewhere.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from lib.endpoint import Channel
from lib.timeframes import TIMEFRAME_MS

Document = dict[str, Any]

_SYMBOLS: Final = {
    "type": "array",
    "items": {"type": "string"},
    "examples": [["BTC/USDT", "ETH/USDT"]],
    "description": "In any spelling: BTC, btcusdt, BTC/USDT, BTC-USDT.",
}


def build_document(channels: Sequence[Channel], version: str) -> Document:
    """Describe every socket: what it takes, what it says."""
    (_, schemas) = msgspec.json.schema_components(
        [channel.message for channel in channels], ref_template="#/components/schemas/{name}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dreammaker live",
            "version": version,
            "description": (
                "Prices, trades, books and bars as they change. The same messages come as event "
                "streams from /api/stream/{channel}?symbols=, resumable by Last-Event-ID. "
                "Close codes: 1001 silence, 1003 binary, 1009 over 64 KiB, 1012 restart, 1013 full."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {"here": {"host": "localhost:7860", "protocol": "ws"}},
        "channels": {channel.name: _channel(channel) for channel in channels},
        "operations": _operations(channels),
        "components": {"schemas": schemas | said_schemas(), "messages": _messages(channels)},
    }


def _channel(channel: Channel) -> Document:
    own = ["subscribe", "acknowledgement", "status", "gap", "error", channel.name]
    names = own if channel.greets else [*own, "subscribe_service"]
    refs = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    if channel.greets:
        refs["hello"] = {"$ref": "#/components/messages/hello"}
    return {
        "address": channel.path,
        "description": (channel.message.__doc__ or "").strip(),
        "messages": refs,
    }


def _operations(channels: Sequence[Channel]) -> Document:
    made: Document = {}
    for channel in channels:
        at = {"$ref": f"#/channels/{channel.name}"}
        asked = ["subscribe"] if channel.greets else ["subscribe", "subscribe_service"]
        told = [channel.name, "acknowledgement", "status", "gap", "error"]
        told += ["hello"] if channel.greets else []
        made[f"ask_{channel.name}"] = {
            "action": "receive",
            "channel": at,
            "messages": [_ref(channel, name) for name in asked],
        }
        made[f"tell_{channel.name}"] = {
            "action": "send",
            "channel": at,
            "messages": [_ref(channel, name) for name in told],
        }
    return made


def _ref(channel: Channel, name: str) -> Document:
    return {"$ref": f"#/channels/{channel.name}/messages/{name}"}


def _messages(channels: Sequence[Channel]) -> Document:
    data = {channel.name: {"payload": data_schema(channel)} for channel in channels}
    said = {name: {"payload": {"$ref": f"#/components/schemas/{name}"}} for name in said_schemas()}
    return data | said


def data_schema(channel: Channel) -> Document:
    """A message with data; sockets and event streams say the same."""
    fields: Document = {name: {"const": value} for name, value in channel.marks}
    return {
        "type": "object",
        "required": ["channel", "data", "seq", "published_at", "source"],
        "properties": {
            **fields,
            "channel": {"const": channel.name},
            "data": {"$ref": f"#/components/schemas/{channel.message.__name__}"},
            **_numbered(),
        },
    }


def _numbered() -> Document:
    return {
        "seq": {"type": "integer", "description": "Ascending in a channel, the same for all."},
        "published_at": {"type": "integer", "description": "Unix milliseconds."},
        "source": {"type": "string", "description": "The venue that told it."},
    }


def _object(required: str, **properties: Any) -> Document:
    return {"type": "object", "required": required.split(), "properties": properties}


def said_schemas() -> Document:
    """What is said beside data, by its name; sockets and event streams say the same."""
    text, whole = {"type": "string"}, {"type": "integer"}
    refusal = _object("symbol reason", symbol=text, reason=text)
    return {
        "hello": _object(
            "type status channels",
            type={"const": "connection"},
            status={"const": "connected"},
            channels={"type": "array", "items": text},
        ),
        "subscribe": _object(
            "action symbols",
            action={"enum": ["subscribe", "unsubscribe"]},
            channel=text,
            symbols=_SYMBOLS,
            timeframe={"enum": list(TIMEFRAME_MS)},
            token={"type": "string", "description": "An API key, for clients without headers."},
        ),
        "subscribe_service": _object(
            "action service",
            action={"enum": ["subscribe", "unsubscribe"]},
            service={"type": "string", "examples": ["/api/market?limit=10"]},
        ),
        "acknowledgement": _object(
            "type channel accepted rejected",
            type={"enum": ["subscribed", "unsubscribed"]},
            channel=text,
            accepted={"type": "array", "items": text},
            rejected={"type": "array", "items": refusal},
        ),
        "status": _object(
            "type channel symbol status",
            type={"const": "status"},
            channel=text,
            symbol=text,
            status={"enum": ["live", "reconnecting", "polling", "down"]},
            reason=text,
            **_numbered(),
        ),
        "gap": _object(
            "type channel reason",
            type={"const": "gap"},
            channel=text,
            symbol=text,
            reason=text,
            missed=whole,
            from_id=text,
            to_id=text,
            from_seq={"type": ["integer", "null"]},
            to_seq=whole,
        ),
        "error": _object(
            "success error timestamp",
            success={"const": False},
            error=_object("code message details", code=text, message=text, details={}),
            timestamp=whole,
        ),
    }
