"""Kraken refuses, or cannot be reached."""

import httpx
import pytest

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.kraken import Kraken
from lib.queries import PairQuery
from tests.lib.providers.venue import Answer, always, asked
from tests.lib.wire.kraken.answers import BOOK, BTC_USD


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reply", "error", "wait_s"),
    [
        (always(b"", 429, {"Retry-After": "7"}), SourceThrottled, 7.0),
        (always(b"", 429), SourceThrottled, 10.0),
        (always(b"", 418), SourceThrottled, 120.0),
        (always(b"", 451), SourceGeoBlocked, None),
        (always(b"<h1>Forbidden</h1>", 403), SourceGeoBlocked, None),
        (always(b"", 500), SourceUnavailable, None),
        (always(b"", 520), SourceUnavailable, None),
        (always(b"", 404), SourceUnsupported, None),
        (always(BOOK[:-9]), SourceMalformed, None),
        (always(b"<html>maintenance</html>"), SourceMalformed, None),
        (always(b""), SourceMalformed, None),
        (always([]), SourceMalformed, None),
        (always({"error": ["EQuery:Unknown asset pair"]}), SourceUnsupported, None),
    ],
)
async def test_every_failure_has_its_error(
    reply: Answer, error: type[SourceError], wait_s: float | None
) -> None:
    async with asked(Kraken, reply) as (kraken, _):
        with pytest.raises(SourceError) as caught:
            await kraken.book(PairQuery(BTC_USD))

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), SourceUnavailable),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_a_network_failure_is_the_sources_failure(
    failure: Exception, error: type[SourceError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    async with asked(Kraken, fail) as (kraken, _):
        with pytest.raises(error):
            await kraken.tickers()
