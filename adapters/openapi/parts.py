"""The words of the OpenAPI document that no endpoint declares: introduction, headers, errors."""

from collections.abc import Iterable
from typing import Any

from lib import errors
from lib.endpoint import Endpoint

Part = dict[str, Any]

INTRODUCTION = """
One API for crypto prices, candles, books, trades, news, sentiment, chain data and AI outlooks.

**Honest numbers.** A value is real, or real and labelled stale, or `null` with a reason in
`meta.missing`, or the reply is an error. `meta` says which source answered, who was asked before,
and until when the value counts as fresh; the headers `X-Source`, `X-Cache` and `Age` repeat it.
A value is simply served while *fresh*, served while it is renewed while *stale*, and *kept* for
when every source is down.

**Symbols** may be written `BTC`, `btc`, `BTCUSDT`, `BTC/USDT`, `BTC-USDT` or `BTC_USDT`; a missing
quote means USDT. **Times** are Unix milliseconds. Only names that end in `_at` or `_date`, and
`last_updated`, are ISO 8601 in UTC, except `expires_at` and those in `meta`; `/udf` counts seconds.

**Limits.** Anonymous callers have 100 requests a minute for each address, callers with a key 1000
(an operator may set other numbers). Send a key as `Authorization: Bearer KEY` or `X-API-Key`; an
empty or unknown one on a public path counts as none.

**Errors** come as `{success: false, error: {code, message, details}, timestamp}`, or as
`application/problem+json` if `Accept` names that. Unknown parameters are ignored, an empty one
counts as absent, and of a repeated one the last counts.

Every GET also answers HEAD. `If-None-Match` is understood. Replies are compressed with zstd,
brotli or gzip, as asked.
""".strip()

LICENCE = {"name": "MIT License", "identifier": "MIT"}

TAGS = {
    "Market": "Prices, tickers, candles and the market table.",
    "History": "Prices of the past.",
    "Trading": "A venue's pairs and rules, order books and trades.",
    "Statistics": "The whole market in numbers.",
    "News": "What is written, from many feeds, each story once.",
    "Sentiment": "The market's mood, and the tone of texts.",
    "AI": "Signals, forecasts and analyses, each with its own track record.",
    "Blockchain": "Transactions, large transfers and fees on chain.",
    "DeFi": "Protocols and yields.",
    "Live": "Streams of updates.",
    "Front-end paths": "What today's front ends call: views of the same data under other names.",
    "Operations": "How the service and its sources are, and what operators do to it.",
    "Documentation": "This document and the page that shows it.",
}


def _header(text: str, kind: str = "string") -> Part:
    return {"description": text, "schema": {"type": kind}}


HEADERS: dict[str, Part] = {
    "X-Source": _header("Which sources the reply is made from, slow half first."),
    "Age": _header("Seconds since the value was fetched.", "integer"),
    "X-Cache": {
        "description": "Whether the value was at hand, past its freshness, or fetched just now.",
        "schema": {"type": "string", "enum": ["hit", "stale", "miss"]},
    },
    "Cache-Control": _header("How long the reply may be kept; counts down to `meta.fresh_until`."),
    "ETag": _header("Send it back in `If-None-Match` to get 304 instead of the same body."),
    "Server-Timing": _header("Which sources were asked, with what outcome, in milliseconds."),
    "X-Request-ID": _header("Leads to the log of this request."),
    "RateLimit": _header('What is left of the caller\'s minute: `"ip";r=99;t=60`.'),
    "RateLimit-Policy": _header('The limit itself: `"ip";q=100;w=60`.'),
    "Retry-After": _header("Whole seconds after which to ask again.", "integer"),
    "WWW-Authenticate": _header("How to send a key."),
}

SECURITY_SCHEMES: dict[str, Part] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: 1000 requests a minute, and the paths that need one.",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The same key in a header of its own.",
    },
}


def error_schemas() -> dict[str, Part]:
    """The envelope and the problem document."""
    code = {"type": "string", "enum": sorted({kind.code for kind in _kinds()})}
    details = {"type": "object", "description": "What to act on; its fields depend on the code."}
    timestamp = {"type": "integer", "description": "Unix time in milliseconds, UTC."}
    message = {"type": "string", "description": "A sentence for people."}
    problem = {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": message,
        "code": code,
        "details": details,
        "timestamp": timestamp,
    }
    inner = {"code": code, "message": message, "details": details}
    envelope = {
        "success": {"type": "boolean", "const": False},
        "error": {"type": "object", "properties": inner, "required": list(inner)},
        "timestamp": timestamp,
    }
    return {
        "Error": _object("Why there is no reply.", envelope),
        "Problem": _object("The same as an RFC 9457 problem document.", problem),
    }


def error_responses() -> dict[str, Part]:
    """One response for each status that an error can have, by its name in the document."""
    kinds: dict[int, list[type[errors.ApiError]]] = {}
    for kind in _kinds():
        kinds.setdefault(kind.status, []).append(kind)
    return {_name(status): _response(status, kinds[status]) for status in sorted(kinds)}


def statuses(endpoint: Endpoint) -> Iterable[int]:
    """The error statuses that an endpoint may answer with."""
    yield 400
    if endpoint.auth == "key":
        yield from (401, 403)
    elif endpoint.key_for_more:
        yield 401
    if endpoint.feeds or "{" in endpoint.path or endpoint.method != "GET":
        yield 404
    if endpoint.method == "POST":
        yield from (413, 415)
    yield 414
    if endpoint.method == "POST" or endpoint.bundle == "ai":
        yield 422
    if not endpoint.free:
        yield 429
    yield from (500, 503, 504)


def error_ref(status: int) -> Part:
    """A reference to the response for an error status."""
    return {"$ref": f"#/components/responses/{_name(status)}"}


def header_refs(*names: str) -> dict[str, Part]:
    """References to headers by name."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _response(status: int, kinds: list[type[errors.ApiError]]) -> Part:
    said = [f"`{kind.code}`: {(kind.__doc__ or '').splitlines()[0]}" for kind in kinds]
    special = {401: ["WWW-Authenticate"], 429: ["Retry-After", "RateLimit", "RateLimit-Policy"]}
    return {
        "description": "\n\n".join(said),
        "headers": header_refs("X-Request-ID", *special.get(status, [])),
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}},
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    }


def _kinds() -> list[type[errors.ApiError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type)]
    return [k for k in found if issubclass(k, errors.ApiError) and k is not errors.ApiError]


def _name(status: int) -> str:
    return f"Error{status}"


def _object(text: str, properties: dict[str, Any]) -> Part:
    return {
        "type": "object",
        "description": text,
        "properties": properties,
        "required": list(properties),
    }
