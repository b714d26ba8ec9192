"""Endpoints as an OpenAPI 3.1 document; nothing in it is said a second time elsewhere."""

import re
from collections.abc import Mapping, Sequence
from inspect import getdoc
from typing import Any, Final

from adapters.openapi.parts import (
    HEADERS,
    INTRODUCTION,
    LICENCE,
    SECURITY_SCHEMES,
    TAGS,
    error_ref,
    error_responses,
    error_schemas,
    header_refs,
    statuses,
)
from adapters.openapi.schemas import (
    Schema,
    body,
    body_components,
    media_types,
    parameters,
    replies,
)
from adapters.openapi.streams import PATH, stream_components, stream_operation
from lib.endpoint import Channel, Endpoint
from lib.feeds import Feed

Document = dict[str, Any]

FRONT_ENDS: Final = "Front-end paths"
CALLED_BY_THEM: Final = frozenset(
    (
        "/api/ai/decision",
        "/api/blockchain/gas",
        "/api/defi/protocols",
        "/api/defi/yields",
        "/api/fear-greed",
        "/api/health",
        "/api/models/health",
        "/api/models/list",
        "/api/models/status",
        "/api/models/summary",
        "/api/new-sources/status",
        "/api/news",
        "/api/news/headlines",
        "/api/providers",
        "/api/resources/summary",
        "/api/sentiment",
        "/api/sentiment/asset/{symbol}",
        "/api/service/onchain",
        "/api/service/sentiment",
        "/api/service/whales",
        "/api/status",
    )
)
"""Paths with a family of their own that today's front ends call beside the specification."""

_ALWAYS = ("ETag", "Cache-Control", "X-Request-ID")
_SOURCED = ("X-Source", "Age", "X-Cache", "Server-Timing")
_LIMITED = ("RateLimit", "RateLimit-Policy")


def build_document(
    endpoints: Sequence[Endpoint],
    version: str,
    examples: Mapping[str, Any] | None = None,
    channels: Sequence[Channel] = (),
) -> Document:
    """Describe the endpoints. HEAD is not listed: every GET answers it, as the introduction says.

    Args:
        examples: a reply of each endpoint, by its name.
        channels: what the long-lived process streams.
    """
    schemas, components = replies(endpoints)
    paths: dict[str, Document] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, schemas.get(endpoint.name), (examples or {}))
        paths.setdefault(plain_path(endpoint.path), {})[endpoint.method.lower()] = operation
    used = {tag for endpoint in endpoints for tag in _tags(endpoint)}
    if channels:
        paths[PATH] = {"get": stream_operation(channels)}
        components |= stream_components(channels)
        used.add("Live")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dreammaker",
            "version": version,
            "description": INTRODUCTION,
            "license": LICENCE,
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": name, "description": text} for name, text in TAGS.items() if name in used
        ],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(
                sorted((body_components(endpoints) | components | error_schemas()).items())
            ),
            "headers": HEADERS,
            "responses": error_responses(),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def plain_path(path: str) -> str:
    """A path without Starlette's convertors: `/api/price/{symbol}`."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _operation(endpoint: Endpoint, reply: Schema | None, examples: Mapping[str, Any]) -> Document:
    summary, description = _words(getdoc(endpoint.call) or "")
    operation: Document = {
        "operationId": endpoint.name,
        "tags": _tags(endpoint),
        "summary": summary.replace("`", ""),  # plain text, where the rest is markdown
        "description": "\n\n".join(filter(None, (description, _feeds_text(endpoint.feeds)))),
        "parameters": parameters(endpoint),
        "responses": {"200": _success(endpoint, reply, examples)}
        | (
            {"304": {"description": "The body has not changed."}}
            if endpoint.method == "GET"
            else {}
        )
        | {str(status): error_ref(status) for status in statuses(endpoint)},
        "security": _security(endpoint),
    }
    asked = body(endpoint)
    if asked is not None:
        operation["requestBody"] = {
            "required": "required" in asked["schema"],
            "content": {"application/json": asked},
        }
    if endpoint.feeds:
        operation["x-feeds"] = [_feed(feed) for feed in endpoint.feeds]
    if endpoint.host == "space":
        operation["x-host"] = "space"
    return operation


def _tags(endpoint: Endpoint) -> list[str]:
    theirs = plain_path(endpoint.path) in CALLED_BY_THEM
    return [endpoint.tag, FRONT_ENDS] if theirs else [endpoint.tag]


def _words(text: str) -> tuple[str, str]:
    """A docstring's first sentence, and the rest."""
    first, _, rest = text.partition("\n\n")
    sentence, _, more = " ".join(first.split()).partition(". ")
    return sentence.rstrip("."), "\n\n".join(filter(None, (more, rest)))


def _success(endpoint: Endpoint, reply: Schema | None, examples: Mapping[str, Any]) -> Document:
    headers = [*_ALWAYS, *(_SOURCED if endpoint.feeds else ())]
    headers += [] if endpoint.free else _LIMITED
    if reply is None:
        kinds = media_types(endpoint.reply) or ()
        content = {kind: {"schema": _anything(kind)} for kind in kinds}
    else:
        content = {"application/json": {"schema": reply}}
        if endpoint.name in examples:
            content["application/json"]["example"] = examples[endpoint.name]
    return {
        "description": _reply_text(endpoint.reply),
        "headers": header_refs(*headers),
        "content": content,
    }


def _reply_text(reply: Any) -> str:
    if media_types(reply) is not None or not isinstance(reply, type):
        return "As asked."
    return _words(getdoc(reply) or "As asked.")[0] + "."


def _anything(media_type: str) -> Schema:
    if media_type == "application/json":
        return {"type": "object"}
    return {"type": "string"} if media_type.startswith("text/") else {}


def _feed(feed: Feed[Any, Any]) -> Document:
    ages = {"fresh_s": feed.fresh_s, "stale_s": feed.stale_s, "keep_s": feed.keep_s}
    if feed.settled_s:
        ages["settled_s"] = feed.settled_s
    return {"feed": feed.name, "sources": list(feed.sources), **ages}


def _feeds_text(feeds: Sequence[Feed[Any, Any]]) -> str:
    """Sources and freshness, for the page."""
    lines = [
        f"- {feed.name}: {' → '.join(feed.sources)}; fresh for {_age(feed.fresh_s)}, stale until"
        f" {_age(feed.stale_s)}, kept for {_age(feed.keep_s)}"
        for feed in feeds
    ]
    return (
        "\n".join(("Sources, in the order in which they are asked:", "", *lines)) if lines else ""
    )


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    needed: list[dict[str, list[str]]] = [{name: []} for name in SECURITY_SCHEMES]
    if endpoint.auth == "key":
        return needed
    return [] if endpoint.free else [{}, *needed]
