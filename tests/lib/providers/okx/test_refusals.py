"""OKX refuses, with HTTP 200 among others."""

import pytest

from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.okx import Okx
from lib.queries import CandleQuery
from lib.timeframes import DAY_MS
from tests.lib.providers.venue import NONSENSE, REFUSALS, always, asked, every_failure
from tests.lib.wire.okx.answers import BTC, NOW_MS, reply


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_status_becomes_its_error(status: int, error: type[SourceError]) -> None:
    failures = await every_failure(Okx, always(b"<html>", status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize("body", [*NONSENSE, b"[]", b"{}", b'{"code":"0","msg":""}'])
async def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    failures = await every_failure(Okx, always(body))

    assert {type(failure) for failure in failures} == {SourceMalformed}


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("51001", SourceUnsupported),
        ("51000", SourceUnsupported),
        ("50011", SourceThrottled),
        ("50013", SourceUnavailable),
        ("1", SourceUnavailable),
    ],
)
async def test_its_own_code_counts_whatever_the_status(
    status: int, code: str, error: type[SourceError]
) -> None:
    failures = await every_failure(Okx, always({"code": code, "msg": "no", "data": []}, status))

    assert {type(failure) for failure in failures} == {error}


@pytest.mark.anyio
@pytest.mark.parametrize(("headers", "wait_s"), [({"retry-after": "7"}, 7.0), ({}, 10.0)])
async def test_a_throttled_answer_says_how_long_to_wait(
    headers: dict[str, str], wait_s: float
) -> None:
    body = {"code": "50011", "msg": "Too Many Requests", "data": []}

    failures = await every_failure(Okx, always(body, 429, headers))

    assert {getattr(failure, "retry_after_s", None) for failure in failures} == {wait_s}


@pytest.mark.anyio
async def test_a_pair_that_had_no_bar_in_the_range_is_unsupported() -> None:
    async with asked(Okx, always(reply([]))) as (okx, _):
        with pytest.raises(SourceUnsupported):
            await okx.candles(CandleQuery(BTC, "1h", 5, since_ms=NOW_MS - DAY_MS))
