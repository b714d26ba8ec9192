"""What CoinMarketCap says when it refuses, with any HTTP status, 200 among them.
https://coinmarketcap.com/api/documentation"""

from typing import Final

from msgspec import Struct

from lib.errors import (
    NoKey,
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.wire.typed import Count, wire_decoder

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
PAUSES_S: Final = {429: MINUTE, 1008: MINUTE, 1011: MINUTE, 1009: HOUR, 1010: DAY, 1015: DAY}
"""How long to wait after a refusal: for the minute's limit, the day's, the month's."""


class Status(Struct):
    """What stands beside the data of every answer."""

    error_code: Count = None  # a string in some answers


class _Failure(Struct):
    status: Status


_read_failure = wire_decoder(_Failure)


def check_status(status: Status | None) -> None:
    """Let an answer pass that is no refusal.

    Raises:
        SourceError: by its code.
    """
    if status and status.error_code:
        raise refusal(status.error_code)


def error_code(body: bytes) -> int:
    """The code in a refusal's body; 0 if it states none."""
    try:
        return _read_failure(body).status.error_code or 0
    except SourceMalformed:
        return 0


def refusal(code: int) -> SourceError:
    """By the codes of "Errors and rate limits": 1001 to 1007 are about the key and its plan."""
    if code in PAUSES_S:
        return SourceThrottled(f"coinmarketcap: {code}", PAUSES_S[code])
    if code in (401, 402) or 1001 <= code <= 1007:
        return NoKey(f"coinmarketcap: {code}")
    if code == 400:
        return SourceUnsupported("coinmarketcap: 400")
    return SourceUnavailable(f"coinmarketcap: {code}")
