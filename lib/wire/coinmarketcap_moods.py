"""CoinMarketCap's index of fear and greed. https://coinmarketcap.com/api/documentation"""

from msgspec import Struct

from lib.errors import SourceMalformed
from lib.moods import read_mood
from lib.news import Mood
from lib.units import UnixMs
from lib.wire.coinmarketcap_status import Status, check_status
from lib.wire.iso import parse_iso, read_seconds
from lib.wire.typed import wire_decoder


def parse_mood(body: bytes) -> Mood:
    """Read `/v3/fear-and-greed/latest`."""
    document = _read_mood(body)
    check_status(document.status)
    if document.data is None:
        raise SourceMalformed("no index")
    row = document.data
    return read_mood(row.value, parse_iso(row.update_time), row.value_classification)


def parse_moods(body: bytes) -> list[Mood]:
    """Read `/v3/fear-and-greed/historical`, newest first: times are Unix seconds in a string."""
    document = _read_moods(body)
    check_status(document.status)
    return [
        read_mood(row.value, _time(row.timestamp), row.value_classification)
        for row in document.data or ()
    ]


class _MoodRow(Struct):
    value: float
    value_classification: str | None = None
    update_time: str | None = None
    timestamp: str | int | None = None


class _MoodNow(Struct):
    status: Status | None = None
    data: _MoodRow | None = None


class _MoodDays(Struct):
    status: Status | None = None
    data: list[_MoodRow] | None = None


_read_mood = wire_decoder(_MoodNow)
_read_moods = wire_decoder(_MoodDays)


def _time(stated: str | int | None) -> UnixMs | None:
    text = str(stated or "")
    return read_seconds(int(text)) if text.isdecimal() and len(text) < 16 else parse_iso(text)
