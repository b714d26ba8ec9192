"""KuCoin refuses, with HTTP 200 among others."""

import pytest

from lib.errors import (
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.kucoin import KuCoin
from lib.queries import CandleQuery
from lib.timeframes import DAY_MS
from tests.conftest import Corpus
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, every_failure
from tests.lib.wire.kucoin.answers import BTC, NOW_MS, reply


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(KuCoin, always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [*NONSENSE, b"[]", b"{}", b'{"code":200000,"data":[]}'])
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(KuCoin, always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("900001", SourceUnsupported),
        ("400100", SourceUnsupported),
        ("429000", SourceThrottled),
        ("400302", SourceGeoBlocked),
        ("500000", SourceUnavailable),
        ("404000", SourceUnavailable),
    ],
)
async def test_its_own_code_counts_whatever_the_status(
    status: int, code: str, error: type[SourceError]
) -> None:
    failures = await every_failure(KuCoin, always({"code": code, "msg": "no"}, status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"gw-ratelimit-reset": "14500"}, 14.5), ({"retry-after": "7"}, 7.0), ({}, 10.0)],
)
async def test_a_throttled_answer_says_how_long_to_wait(
    corpus: Corpus, headers: dict[str, str], wait_s: float
) -> None:
    failures = await every_failure(KuCoin, always(corpus.body("kucoin/error_429"), 429, headers))

    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
async def test_a_symbol_that_it_lacks_is_unsupported(corpus: Corpus) -> None:
    failures = await every_failure(KuCoin, always(corpus.body("kucoin/error_symbol_not_exist")))

    assert {type(failure) for failure in failures} == {SourceUnsupported}


@pytest.mark.anyio
@pytest.mark.parametrize("since_ms", [None, NOW_MS - DAY_MS])
async def test_a_pair_that_nobody_traded_is_unsupported(since_ms: int | None) -> None:
    async with asked(KuCoin, always(reply([]))) as (kucoin, _):
        with pytest.raises(SourceUnsupported):
            await kucoin.candles(CandleQuery(BTC, "1h", 5, since_ms))
