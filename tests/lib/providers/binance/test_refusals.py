"""Binance refuses, or cannot be reached."""

import gzip

import httpx
import pytest

from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.binance import Binance
from lib.queries import CandleQuery
from lib.timeframes import DAY_MS
from tests.conftest import Corpus
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, every_failure
from tests.lib.wire.binance.answers import BTC, NOW_MS, TICKER, as_bytes


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(Binance, always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", NONSENSE)
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(Binance, always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [(429, {"retry-after": "17"}, 17.0), (429, {}, 10.0), (418, {}, 120.0)],
)
async def test_a_throttled_answer_says_how_long_to_wait(
    corpus: Corpus, status: int, headers: dict[str, str], wait_s: float
) -> None:
    answer = always(corpus.body("binance/error_429_weight"), status, headers)

    failures = await every_failure(Binance, answer)

    assert {type(failure) for failure in failures} == {SourceThrottled}
    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["error_bad_interval", "error_invalid_symbol"])
async def test_a_symbol_or_interval_that_it_lacks_is_unsupported(corpus: Corpus, name: str) -> None:
    failures = await every_failure(Binance, always(corpus.body(f"binance/{name}"), 400))

    assert {type(failure) for failure in failures} == {SourceUnsupported}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [b'{"code":-1102,"msg":"Mandatory"}', b"Bad Request", b""])
async def test_a_request_that_it_should_have_understood_is_unavailable(body: bytes) -> None:
    failures = await every_failure(Binance, always(body, 400))

    assert {type(failure) for failure in failures} == {SourceUnavailable}


@pytest.mark.anyio
async def test_silence_is_a_timeout() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silent", request=request)

    failures = await every_failure(Binance, silent)

    assert {type(failure) for failure in failures} == {SourceTimeout}


@pytest.mark.anyio
async def test_a_pair_that_had_no_bar_in_the_range_is_unsupported() -> None:
    async with asked(Binance, always([])) as (binance, _):
        with pytest.raises(SourceUnsupported):
            await binance.candles(CandleQuery(BTC, "1h", 5, since_ms=NOW_MS - DAY_MS))


@pytest.mark.anyio
async def test_a_broken_compressed_body_is_unavailable() -> None:
    body = gzip.compress(as_bytes([TICKER]))[:20]

    failures = await every_failure(Binance, always(body, headers={"content-encoding": "gzip"}))

    assert all(isinstance(failure, SourceError) for failure in failures)
