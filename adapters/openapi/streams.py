"""`GET /api/stream/{channel}` in the OpenAPI document: channels as event streams."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.asyncapi import data_schema, said_schemas
from adapters.openapi.parts import SECURITY_SCHEMES, error_ref, header_refs
from adapters.openapi.schemas import PATTERNS, Schema, describe
from lib.endpoint import Channel
from lib.timeframes import TIMEFRAME_MS

PATH: Final = "/api/stream/{channel}"
MEDIA_TYPE: Final = "text/event-stream"

DESCRIPTION: Final = """
The same messages as on the channel's socket (`/asyncapi.json`), as server-sent events. The first
event is `subscribed`: the symbols that are followed, and those that are not, with the reason. An
event of the channel's own name carries data, `status` says that a venue went silent or is back,
`gap` that messages were lost. A line of comment every 15 seconds shows that the stream lives.

Each event from a channel has an `id`. A client that comes back with the last one, in
`Last-Event-ID` or as `last_event_id`, gets what it missed, without gap or duplicate, for at least
a minute; after that, a `gap` event says so. A `restart` event ends the stream when the server
ends; `retry` tells how soon to come back, in milliseconds.
""".strip()

_EXAMPLE: Final = (
    "retry: 2000\n"
    "event: subscribed\n"
    'data: {"type":"subscribed","channel":"ticker","accepted":["BTC/USDT"],"rejected":[]}\n\n'
    "event: ticker\n"
    "id: 1764000123000001\n"
    'data: {"channel":"ticker","data":{"symbol":"BTC/USDT","price":42150.25,"change_24h":2.34,'
    '"volume_24h":25000000000.0,"timestamp":1764000122900},"seq":1764000123000001,'
    '"published_at":1764000123000,"source":"binance"}\n\n'
)
_SYMBOLS: Final = PATTERNS["symbols"].replace("^(", "^").replace(")?$", "$")  # not empty


def stream_operation(channels: Sequence[Channel]) -> Schema:
    """The one operation of all channels."""
    names = [channel.name for channel in channels]
    timed = ", ".join(channel.name for channel in channels if channel.timeframed)
    return {
        "operationId": "stream",
        "tags": ["Live"],
        "summary": "Updates of a channel as an event stream",
        "description": DESCRIPTION,
        "parameters": [
            _parameter("channel", "path", "what to follow", {"enum": names}, "ticker"),
            _parameter(
                "symbols",
                "query",
                "assets or pairs separated by commas, in any spelling",
                {"pattern": _SYMBOLS},
                "BTC,ETH",
            ),
            _parameter("timeframe", "query", f"for {timed} alone", {"enum": list(TIMEFRAME_MS)}),
            _parameter("last_event_id", "query", "as `Last-Event-ID`", {"pattern": "^[0-9]+$"}),
            _parameter("Last-Event-ID", "header", "the last id that came", {"pattern": "^[0-9]+$"}),
        ],
        "responses": {
            "200": {
                "description": "Events, until the client leaves or the server ends.",
                "headers": header_refs("X-Request-ID", "RateLimit", "RateLimit-Policy"),
                "content": {
                    MEDIA_TYPE: {
                        "schema": {
                            "type": "string",
                            "description": "Events of the form `event`, `id`, `data`, an empty "
                            "line; `data` is JSON, as `x-events` says by the event's name.",
                        },
                        "example": _EXAMPLE,
                        "x-events": _events(channels),
                    }
                },
            },
            **{str(status): error_ref(status) for status in (400, 404, 429, 500)},
        },
        "security": [{}, *({name: []} for name in SECURITY_SCHEMES)],
        "x-host": "space",
    }


def stream_components(channels: Sequence[Channel]) -> dict[str, Schema]:
    """The schemas of what channels carry."""
    return describe([channel.message for channel in channels])[1]


def _parameter(name: str, place: str, text: str, schema: Schema, example: Any = None) -> Schema:
    made: Schema = {
        "name": name,
        "in": place,
        "required": example is not None,
        "description": text,
        "schema": {"type": "string", **schema},
    }
    return made if example is None else made | {"example": example}


def _events(channels: Sequence[Channel]) -> dict[str, Schema]:
    """What `data` of an event is, by the event's name."""
    said = said_schemas()
    own = {channel.name: data_schema(channel) for channel in channels}
    return own | {
        "subscribed": said["acknowledgement"],
        "status": said["status"],
        "gap": said["gap"],
        "restart": {
            "type": "object",
            "required": ["type", "reason"],
            "properties": {"type": {"const": "restart"}, "reason": {"type": "string"}},
        },
    }
