"""CoinGecko refuses, with whatever status."""

import json
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
from lib.providers.coingecko import CoinGecko
from lib.queries import ListQuery, RangeQuery
from tests.conftest import Corpus
from tests.lib.providers.aggregator import NOW_MS, provider
from tests.lib.wire.coingecko.answers import BITCOIN

MARKETS = json.dumps([BITCOIN]).encode()


def failure(code: int, *, boxed: bool = False) -> dict[str, Any]:
    status = {"status": {"error_code": code, "error_message": "no"}}
    return {"error": status} if boxed else status


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("response", "error", "wait_s"),
    [
        (httpx.Response(429, headers={"Retry-After": "119"}), SourceThrottled, 119.0),
        (httpx.Response(429), SourceThrottled, 60.0),
        (httpx.Response(418), SourceThrottled, 120.0),
        (httpx.Response(200, json=failure(429)), SourceThrottled, 60.0),
        (httpx.Response(451), SourceGeoBlocked, None),
        (httpx.Response(403), SourceGeoBlocked, None),
        (httpx.Response(500), SourceUnavailable, None),
        (httpx.Response(503, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(404, html="<html></html>"), SourceUnavailable, None),
        (httpx.Response(404, json={"error": "coin not found"}), SourceUnsupported, None),
        (
            httpx.Response(404, json={"error": "Could not find coin with the given id"}),
            *(SourceUnsupported, None),
        ),
        (httpx.Response(404, text="404 page not found"), SourceUnavailable, None),
        (httpx.Response(401), NoKey, None),
        (httpx.Response(401, json=failure(10002)), NoKey, None),
        (httpx.Response(200, json=failure(10010)), NoKey, None),
        (httpx.Response(401, json=failure(10012, boxed=True)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(10012, boxed=True)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(10005)), SourceUnsupported, None),
        (httpx.Response(200, json=failure(500)), SourceUnavailable, None),
        (httpx.Response(200, content=MARKETS[:-9]), SourceMalformed, None),
        (httpx.Response(200, html="<html>maintenance</html>"), SourceMalformed, None),
        (httpx.Response(200, content=b""), SourceMalformed, None),
        (httpx.Response(200, json={}), SourceMalformed, None),
        (httpx.Response(200, json=[]), SourceMalformed, None),
        (httpx.Response(200, json=[BITCOIN | {"current_price": 0}]), SourceMalformed, None),
        (httpx.Response(200, json=[BITCOIN | {"current_price": "NaN"}]), SourceMalformed, None),
    ],
)
async def test_every_failure_has_its_error(
    response: httpx.Response, error: type[SourceError], wait_s: float | None
) -> None:
    with pytest.raises(SourceError) as caught:
        await provider(CoinGecko, lambda _: response).tickers()

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
        await provider(CoinGecko, answer).listings(ListQuery(2))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_429", SourceThrottled),
        ("error_10002_missing_key", NoKey),
        ("error_unknown_coin", SourceUnsupported),
    ],
)
async def test_recorded_refusals_are_understood(
    corpus: Corpus, name: str, error: type[SourceError]
) -> None:
    recording = corpus.recording(f"coingecko/{name}")
    response = httpx.Response(
        recording["status"], json=recording["body"], headers=recording["headers"]
    )

    with pytest.raises(error) as caught:
        await provider(CoinGecko, lambda _: response).caps(RangeQuery("BTC", NOW_MS - 9, NOW_MS))

    if "retry-after" in recording["headers"]:
        assert getattr(caught.value, "retry_after_s", None) == 119.0
