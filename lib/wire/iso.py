"""Times as aggregators write them, ISO-8601 or Unix seconds, read into Unix milliseconds."""

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from lib.clock import iso_utc
from lib.units import IsoDate, UnixMs

LAST_MS: Final = 10_000_000_000_000
"""A later time (the year 2286) is no time but a wrong unit."""

_LONGEST: Final = 64


def parse_iso(text: str | None) -> UnixMs | None:
    """The millisecond that it falls into; UTC where no offset is stated; `None` for what is no time
    since 1970."""
    moment = _moment(text)
    return _milliseconds(moment) if moment else None


def read_seconds(seconds: float | None) -> UnixMs | None:
    """Unix milliseconds of Unix seconds; `None` for what is no time since 1970."""
    if seconds is None or not 0 < seconds < LAST_MS / 1000:
        return None
    return round(seconds * 1000)


@lru_cache(maxsize=4096)  # dates of records stand in every answer and seldom change
def tidy_iso(text: str | None) -> IsoDate | None:
    """The same moment as ISO-8601 UTC with whole seconds; a bare date stays a bare date."""
    moment = _moment(text)
    time_ms = _milliseconds(moment) if moment else None
    if moment is None or time_ms is None:
        return None
    return iso_utc(time_ms) if text and len(text) > 10 else moment.date().isoformat()


def _milliseconds(moment: datetime) -> UnixMs | None:
    # in whole numbers: a fraction of a second has no exact float
    whole = math.floor(moment.timestamp()) * 1000 + moment.microsecond // 1000
    return whole if 0 < whole < LAST_MS else None


def _moment(text: str | None) -> datetime | None:
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
