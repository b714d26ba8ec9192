"""The Fear & Greed index of alternative.me. https://alternative.me/crypto/fear-and-greed-index/"""

from msgspec import Struct

from lib.errors import SourceUnavailable
from lib.feeds import MOODS
from lib.moods import build_history, read_mood
from lib.news import MoodHistory
from lib.providers.base import MINUTE, Limit, Provider, serves
from lib.queries import Everything
from lib.wire.iso import read_seconds
from lib.wire.typed import wire_decoder

DAYS = 31


class AlternativeMe(Provider):
    """One value a day, at midnight UTC."""

    name = "alternative_me"
    base_url = "https://api.alternative.me"
    limits = (Limit(30, MINUTE),)
    largest_body = 1024 * 1024
    attribution = "Fear & Greed Index by alternative.me"

    @serves(MOODS)
    async def moods(self, query: Everything) -> MoodHistory:  # noqa: ARG002 - only one question
        """Today's index and the thirty days before."""
        payload = await self.get("/fng/", limit=DAYS)
        return parse_moods(payload.body)


def parse_moods(body: bytes) -> MoodHistory:
    """Read `/fng/`: values and times (in seconds) come as strings, the newest first, days may be
    missing; an error comes with status 200 in `metadata`."""
    document = _read(body)
    if document.metadata and document.metadata.error:
        raise SourceUnavailable("alternative_me: it reports an error")
    return build_history(
        read_mood(row.value, read_seconds(row.timestamp), row.value_classification)
        for row in document.data or ()
    )


class _Row(Struct):
    value: int
    timestamp: int
    value_classification: str | None = None


class _Metadata(Struct):
    error: str | None = None


class _Document(Struct):
    data: list[_Row] | None = None
    metadata: _Metadata | None = None


_read = wire_decoder(_Document)
