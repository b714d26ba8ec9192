"""CoinMarketCap refuses, or cannot be reached."""

from typing import Any

import httpx
import pytest

from lib.errors import (
    NoKey,
    SourceError,
    SourceGeoBlocked,
    SourceMalformed,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
)
from lib.providers.coinmarketcap import CoinMarketCap
from lib.queries import Everything, ListQuery
from tests.lib.providers.aggregator import provider
from tests.lib.wire.coinmarketcap.answers import V3, table


def failure(code: object) -> dict[str, Any]:
    return {"status": {"error_code": code, "error_message": "no"}}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error", "wait_s"),
    [
        (httpx.Response(429), SourceThrottled, 60.0),
        (httpx.Response(429, headers={"Retry-After": "17"}), SourceThrottled, 17.0),
        (
            httpx.Response(429, json=failure(1008), headers={"Retry-After": "17"}),
            SourceThrottled,
            17.0,
        ),
        (httpx.Response(429, json=failure(1011)), SourceThrottled, 60.0),
        (
            httpx.Response(429, json=failure(1010), headers={"Retry-After": "17"}),
            SourceThrottled,
            86400.0,
        ),
        (httpx.Response(418), SourceThrottled, 120.0),
        (httpx.Response(451), SourceGeoBlocked, None),
        (httpx.Response(403, html="<html></html>"), SourceGeoBlocked, None),
        (httpx.Response(403, json=failure(1006)), NoKey, None),
        (httpx.Response(402), NoKey, None),
        (httpx.Response(401, json=failure("1002")), NoKey, None),
        (httpx.Response(401), NoKey, None),
        (httpx.Response(404), SourceUnavailable, None),
        (httpx.Response(400, json=failure(400)), SourceUnsupported, None),
        (httpx.Response(500, json=failure(500)), SourceUnavailable, None),
        (httpx.Response(503, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(200, content=V3[:-9]), SourceMalformed, None),
        (httpx.Response(200, html="<html>maintenance</html>"), SourceMalformed, None),
        (httpx.Response(200, content=b""), SourceMalformed, None),
        (httpx.Response(200, json={"data": {}}), SourceMalformed, None),
        (httpx.Response(200, content=table()), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    response: httpx.Response, error: type[SourceError], wait_s: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        await provider(CoinMarketCap, lambda _: response).listings(ListQuery(2))

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
    def answer(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(error):
        await provider(CoinMarketCap, answer).globals(Everything())
