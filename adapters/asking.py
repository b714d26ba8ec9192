"""From the wire to a request model: path, query and body, checked, bounded, with clear refusals."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

import annotated_types
import msgspec
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from lib.endpoint import Endpoint, Request
from lib.errors import InvalidParameter, PayloadTooLarge, UnsupportedMediaType, shown

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LARGEST_BODY = 64 * 1024
MOST_PARAMETERS = 100


def read_query(query_string: bytes) -> dict[str, str]:
    """Parameters by name, the last of a repeated one; blanks count as absent.

    Raises:
        InvalidParameter: broken percent-encoding, bytes that are no UTF-8, or far too many.
    """
    try:
        text = query_string.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except (UnicodeDecodeError, ValueError):
        raise InvalidParameter.of("query", "…", "percent-encoded UTF-8 parameters") from None
    if _broken(text):
        raise InvalidParameter.of("query", text, "percent signs followed by two hex digits")
    return dict(pairs)


def _broken(text: str) -> bool:
    pieces = text.split("%")[1:]
    return any(not _is_hex(piece[:2]) for piece in pieces)


def _is_hex(two: str) -> bool:
    return len(two) == 2 and all(c in "0123456789abcdefABCDEF" for c in two)


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> dict[str, Any]:
    """The JSON object in a request's body; an empty body is an empty object.

    Raises:
        UnsupportedMediaType: another content type, or any Content-Encoding.
        PayloadTooLarge: over 64 KiB.
        InvalidParameter: no JSON object.
    """
    kind = headers.get(b"content-type", b"application/json").split(b";")[0].strip().lower()
    if kind != b"application/json" and not kind.endswith(b"+json"):
        raise UnsupportedMediaType(
            "Send application/json", {"content_type": shown(kind.decode("latin-1"))}
        )
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise UnsupportedMediaType("Send the body without Content-Encoding")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise PayloadTooLarge("The body is larger than 64 KiB", {"limit_bytes": LARGEST_BODY})
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise PayloadTooLarge("The body is larger than 64 KiB", {"limit_bytes": LARGEST_BODY})
        if not message.get("more_body"):
            break
    if not body.strip():
        return {}
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidParameter.of("body", "…", "a JSON object") from None
    if not isinstance(value, dict):
        raise InvalidParameter.of("body", type(value).__name__, "a JSON object")
    return value


def validate(
    endpoint: Endpoint,
    path: Mapping[str, str],
    query: Mapping[str, Any],
    body: Mapping[str, Any],
) -> Request:
    """Build the endpoint's request model; other spellings of names are understood.

    Raises:
        InvalidParameter: `details.fields` names each field, its value and what is accepted.
    """
    model = endpoint.request
    given = {k: v for k, v in query.items() if v != "" or k in _required(model)}
    given |= body
    for alias, name in model.aliases.items():
        if alias in given and name not in given:
            given[name] = given[alias]
    given |= path
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(model, error) from None


def _required(model: type[Request]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.is_required()}


def _refusal(model: type[Request], error: ValidationError) -> InvalidParameter:
    fields = []
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else "request"
        info = model.model_fields.get(name)
        missing = problem["type"] == "missing"
        fields.append(
            {
                "field": name,
                "value": None if missing else shown(problem["input"]),
                "accepted": accepted(info) if info else problem["msg"],
            }
        )
    first = fields[0]
    return InvalidParameter(f"'{first['field']}' must be {first['accepted']}", {"fields": fields})


def accepted(info: FieldInfo) -> str:
    """What a field takes, in words: `an integer from 1 to 500`, `one of rank, volume`."""
    if info.description:
        return info.description
    kind = info.annotation
    options = [a for a in get_args(kind) if a is not type(None)]
    if options and not isinstance(options[0], type) and get_origin(options[0]) is None:
        return "one of " + ", ".join(map(str, options))
    if options:
        kind = options[0]
        if get_origin(kind) is not None and not isinstance(kind, type):
            return "one of " + ", ".join(map(str, get_args(kind)))
    low = next((m.ge for m in info.metadata if isinstance(m, annotated_types.Ge)), None)
    high = next((m.le for m in info.metadata if isinstance(m, annotated_types.Le)), None)
    words = {int: "an integer", float: "a number", bool: "true or false"}.get(kind, "a text")  # type: ignore[arg-type]
    if low is not None and high is not None:
        return f"{words} from {low} to {high}"
    if low is not None:
        return f"{words} of at least {low}"
    return words
