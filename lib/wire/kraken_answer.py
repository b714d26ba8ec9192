"""Kraken's envelope, opened: a result, or its words for what went wrong."""

from msgspec import Raw, Struct

from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.wire.typed import wire_decoder


class _Answer(Struct):
    error: list[str]
    result: dict[str, Raw] | None = None


_decode_answer = wire_decoder(_Answer)


def read_result(body: bytes) -> dict[str, Raw]:
    """Open the envelope. Errors come with HTTP 200; a `W…` among them is only a warning."""
    answer = _decode_answer(body)
    errors = [error for error in answer.error if not error.startswith("W")]
    if errors:
        raise _error_of(errors[0])
    if not answer.result:
        raise SourceMalformed("kraken: neither a result nor an error")
    result: dict[str, Raw] = answer.result
    return result


def _error_of(error: str) -> SourceError:
    said = f"kraken: {shown(error)}"
    lower = error.lower()
    if any(words in lower for words in ("rate limit", "too many requests", "throttled", "lockout")):
        return SourceThrottled(said)
    if error.startswith("EService") or "internal error" in lower:
        return SourceUnavailable(said)
    if error.startswith(("EQuery", "EGeneral")):
        return SourceUnsupported(said)
    return SourceUnavailable(said)


def read_only(body: bytes) -> Raw:
    """The answer about one pair, under whichever name; `last` stands beside it."""
    rows = [raw for name, raw in read_result(body).items() if name != "last"]
    if len(rows) != 1:
        raise SourceMalformed(f"kraken: {len(rows)} pairs where one was asked")
    return rows[0]
