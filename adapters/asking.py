"""From the wire to a request model: path, query and body, checked, bounded, with clear refusals."""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
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
    """Parameters by name, the last of a repeated one counts.

    Raises:
        InvalidParameter: broken percent-encoding, bytes that are no UTF-8, or far too many.
    """
    if query_string.count(b"&") >= MOST_PARAMETERS:
        raise InvalidParameter.of("query", "…", f"at most {MOST_PARAMETERS} parameters")
    text = query_string.decode("latin-1")
    if _LONE_PERCENT.search(text):
        raise InvalidParameter.of("query", text, "percent signs followed by two hex digits")
    try:
        text = query_string.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except ValueError:
        raise InvalidParameter.of("query", text, "percent-encoded UTF-8") from None


_LONGEST_LENGTH: Final = 12  # digits: Python reads no number of thousands of them
_LONE_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> dict[str, Any]:
    """The JSON object in a request's body; an empty body is an empty object.

    Raises:
        UnsupportedMediaType: another content type, or any Content-Encoding.
        PayloadTooLarge: over 64 KiB.
        InvalidParameter: no JSON object.
    """
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind and kind != b"application/json" and not kind.endswith(b"+json"):
        raise UnsupportedMediaType(
            "Send application/json", {"content_type": shown(kind.decode("latin-1"))}
        )
    if headers.get(b"content-encoding", b"").lower() not in (b"", b"identity"):
        raise UnsupportedMediaType("Send the body without Content-Encoding")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and (len(length) > _LONGEST_LENGTH or int(length) > LARGEST_BODY):
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
    """Build the endpoint's request model. Other spellings of names are understood; a blank
    parameter counts as absent.

    Raises:
        InvalidParameter: `details.fields` names each field, its value and what is accepted.
    """
    model = endpoint.request
    given = {name: value for name, value in query.items() if value != ""} | dict(body)
    for alias, name in model.aliases.items():
        if alias in given and name not in given:
            given[name] = given[alias]
    given |= path
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(model, error) from None


def _refusal(model: type[Request], error: ValidationError) -> InvalidParameter:
    infos = {info.alias or name: info for name, info in model.model_fields.items()}
    fields = []
    for problem in error.errors(include_url=False, include_context=False):
        name = str(problem["loc"][0]) if problem["loc"] else "request"
        info = infos.get(name)
        absent = problem["type"] == "missing" or problem["input"] is None
        fields.append(
            {
                "field": name,
                "value": None if absent else shown(problem["input"]),
                "accepted": accepted(info) if info else problem["msg"],
            }
        )
    first = fields[0]
    return InvalidParameter(f"'{first['field']}' must be {first['accepted']}", {"fields": fields})


def accepted(info: FieldInfo) -> str:
    """What a field takes, in words: `an integer from 1 to 500`, `one of rank, volume`, or its
    description with its range."""
    low = next((m.ge for m in info.metadata if isinstance(m, annotated_types.Ge)), None)
    high = next((m.le for m in info.metadata if isinstance(m, annotated_types.Le)), None)
    limits = f"from {low:.15g} to {high:.15g}" if low is not None and high is not None else ""
    if info.description:
        return f"{info.description}, {limits}" if limits else info.description
    kind = _plain(info.annotation)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    words = _WORDS.get(get_origin(kind) or kind, "a text")
    if limits:
        return f"{words} {limits}"
    return words if low is None else f"{words} of at least {low}"


_WORDS: Final = {int: "an integer", float: "a number", bool: "true or false", list: "a list"}


def _plain(kind: Any) -> Any:
    """A type without what stands around it: `int` of `Annotated[int, …] | None`."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    options = [a for a in get_args(kind) if a is not type(None)]
    optional = get_origin(kind) in (Union, UnionType) and len(options) == 1
    return _plain(options[0]) if optional else kind
