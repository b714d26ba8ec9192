"""Every error of the service, drawn once.

SourceError                one source could not answer; only the highway sees it
 ├ SourceUnavailable       network, 5xx
 ├ SourceTimeout           no answer in time
 ├ SourceThrottled         429/418: asks us to wait
 ├ SourceGeoBlocked        451/403: not from this country or cloud
 ├ SourceMalformed         an answer that its parser does not know
 ├ SourceImplausible       a price that all others contradict, or that never changes
 │  └ SourceStuck          nothing of what it says ever changes
 ├ SourceUnsupported       well, but has no such symbol, timeframe or range
 ├ CircuitOpen             failed too often just now: not asked
 ├ QuotaSpent              its free quota is used up for now: not asked
 └ NoKey                   needs a key that is not set: not asked

ApiError                   the caller sees it, in the envelope of `adapters.envelope`
 ├ InvalidParameter 400 ├ RangeTooLarge 400 ├ InvalidSymbol 404 ├ NotFound 404
 ├ MethodNotAllowed 405 ├ Unauthorized 401  ├ Forbidden 403     ├ PayloadTooLarge 413
 ├ UriTooLong 414       ├ UnsupportedMediaType 415 ├ InsufficientData 422 ├ RateLimited 429
 └ UpstreamUnavailable 503 ├ NotConfigured 503 ├ DeadlinePassed 504 └ InternalError 500
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class SourceError(Exception):
    """One source could not answer. `outcome` is its word in `meta.sources_tried`."""

    outcome: ClassVar[str] = "unavailable"
    counts: ClassVar[bool] = False  # as a failure, for the source's breaker


class SourceUnavailable(SourceError):
    """The network failed or the source answered 5xx."""

    counts = True


class SourceTimeout(SourceError):
    """No answer inside the time given."""

    outcome = "timeout"
    counts = True


class SourceThrottled(SourceError):
    """The source asks us to slow down."""

    outcome = "throttled"

    def __init__(self, message: str, retry_after_s: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceGeoBlocked(SourceError):
    """The source refuses this country or cloud."""

    outcome = "geo_blocked"


class SourceMalformed(SourceError):
    """The answer is not what the source documents."""

    outcome = "malformed"
    counts = True


class SourceImplausible(SourceError):
    """The answer can be read, but not believed; what else the source says may be sound."""

    outcome = "malformed"  # callers know no finer word; the log and /api/providers say which


class SourceStuck(SourceImplausible):
    """Everything that the source says has stood still while others moved."""

    counts = True


class SourceUnsupported(SourceError):
    """The source is well but does not have what was asked."""

    outcome = "unsupported"


class CircuitOpen(SourceError):
    """Failed too often just now; not asked."""

    outcome = "circuit_open"


class QuotaSpent(SourceError):
    """Its quota is used up for now; not asked."""

    outcome = "quota_spent"


class NoKey(SourceError):
    """Needs a key that is not set; not asked."""

    outcome = "no_key"


class ApiError(Exception):
    """What a caller is told: a stable code, a sentence, and details to act on."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        self.headers = dict(headers or {})


class InvalidParameter(ApiError):
    """A value is malformed or out of range."""

    status, code = 400, "INVALID_PARAMETER"

    @classmethod
    def of(cls, field: str, value: object, accepted: object) -> "InvalidParameter":
        """Refuse one field, saying what would be accepted."""
        return cls(
            f"'{field}' must be {accepted}",
            {
                "fields": [
                    {
                        "field": field,
                        "value": None if value is None else shown(value),
                        "accepted": accepted,
                    }
                ]
            },
        )


class RangeTooLarge(ApiError):
    """A history range over the cap."""

    status, code = 400, "RANGE_TOO_LARGE"


class InvalidSymbol(ApiError):
    """Well-formed, but no source knows it."""

    status, code = 404, "INVALID_SYMBOL"

    @classmethod
    def of(
        cls, symbol: str, supported: Sequence[str] = (), suggestions: Sequence[str] = ()
    ) -> "InvalidSymbol":
        """Name the symbol, some that exist, and the nearest spellings."""
        return cls(
            f"Symbol {shown(symbol)} is not supported",
            {
                "symbol": shown(symbol),
                "supported_symbols": list(supported),
                "suggestions": list(suggestions),
            },
        )


class NotFound(ApiError):
    """No such path, or no such thing behind it."""

    status, code = 404, "NOT_FOUND"


class MethodNotAllowed(ApiError):
    """The path exists under another method."""

    status, code = 405, "METHOD_NOT_ALLOWED"


class Unauthorized(ApiError):
    """A protected path without a key."""

    status, code = 401, "UNAUTHORIZED"


class Forbidden(ApiError):
    """A protected path with an unknown key."""

    status, code = 403, "FORBIDDEN"


class PayloadTooLarge(ApiError):
    """A body over 64 KiB."""

    status, code = 413, "PAYLOAD_TOO_LARGE"


class UriTooLong(ApiError):
    """A request target over 8 KiB."""

    status, code = 414, "INVALID_PARAMETER"


class UnsupportedMediaType(ApiError):
    """A body that is not JSON, or is encoded."""

    status, code = 415, "UNSUPPORTED_MEDIA_TYPE"


class InsufficientData(ApiError):
    """Too little history for a forecast or an indicator."""

    status, code = 422, "INSUFFICIENT_DATA"


class RateLimited(ApiError):
    """Too many requests; `Retry-After` says when to come back."""

    status, code = 429, "RATE_LIMITED"


class InternalError(ApiError):
    """Our own fault; the request id leads to the log."""


class UpstreamUnavailable(ApiError):
    """Every source failed and nothing was kept."""

    status, code = 503, "UPSTREAM_UNAVAILABLE"


class NotConfigured(ApiError):
    """Only keyed sources serve this and none has its key."""

    status, code = 503, "NOT_CONFIGURED"


class DeadlinePassed(ApiError):
    """The request's time is over."""

    status, code = 504, "TIMEOUT"


def shown(value: object, most: int = 80) -> str:
    """Make an outside value safe to echo: printable, one line, bounded."""
    text = str(value)
    clean = "".join(ch if ch.isprintable() else "?" for ch in text[:most])
    return clean + ("…" if len(text) > most else "")
