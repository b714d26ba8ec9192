"""Coinbase refuses, or cannot be reached."""

from collections.abc import Callable
from typing import Any

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
from lib.providers.coinbase import Coinbase
from lib.queries import CandleQuery, PairQuery
from tests.lib.providers.venue import Answer, always, asked
from tests.lib.wire.coinbase.answers import BTC_USD

FEEDS: list[Callable[[Coinbase], Any]] = [
    lambda c: c.ticker(PairQuery(BTC_USD)),
    lambda c: c.book(PairQuery(BTC_USD)),
    lambda c: c.trades(PairQuery(BTC_USD)),
    lambda c: c.candles(CandleQuery(BTC_USD, "1m", 1000)),
]


@pytest.mark.anyio
@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("reply", "error", "wait_s"),
    [
        (always({"message": "NotFound"}, 404), SourceUnsupported, None),
        (always({"message": "Unsupported granularity"}, 400), SourceUnsupported, None),
        (always(b"", 429, {"Retry-After": "7"}), SourceThrottled, 7.0),
        (always({"message": "Public rate limit exceeded"}, 429), SourceThrottled, 10.0),
        (always(b"", 418), SourceThrottled, 120.0),
        (always(b"", 451), SourceGeoBlocked, None),
        (always(b"<h1>Forbidden</h1>", 403), SourceGeoBlocked, None),
        (always(b"", 500), SourceUnavailable, None),
        (always(b"[[1,"), SourceMalformed, None),
        (always(b"<html>maintenance</html>"), SourceMalformed, None),
        (always(b""), SourceMalformed, None),
        (always("BTC"), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    feed: Callable[[Coinbase], Any], reply: Answer, error: type[SourceError], wait_s: float | None
) -> None:
    async with asked(Coinbase, reply) as (coinbase, _):
        with pytest.raises(SourceError) as caught:
            await feed(coinbase)

    assert caught.type is error
    assert getattr(caught.value, "retry_after_s", None) == wait_s


@pytest.mark.anyio
@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), SourceUnavailable),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_a_network_failure_is_the_sources_failure(
    feed: Callable[[Coinbase], Any], failure: Exception, error: type[SourceError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure

    async with asked(Coinbase, fail) as (coinbase, _):
        with pytest.raises(SourceError) as caught:
            await feed(coinbase)

    assert caught.type is error
