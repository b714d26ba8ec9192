"""Models at Hugging Face asked for forecasts."""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lib.errors import NoKey, SourceMalformed, SourceUnavailable
from lib.feeds import FORECASTS
from lib.market import Candle, Pair
from lib.providers.huggingface import HuggingFace
from lib.queries import ForecastQuery
from lib.wire.hf import LEVELS, parse_forecast
from tests.conftest import StillClock
from tests.lib.providers.hf_server import serving
from tests.lib.providers.huggingface.endpoint import DOWN, READ_DOWN, READ_UP, TEXTS, UP, remote

pytestmark = pytest.mark.anyio


def history(n: int = 60) -> ForecastQuery:
    """A question about the next two hours."""
    bars = tuple(
        Candle(i * 3_600_000, 100, 101, 99, 100 + i % 3, volume=1, closed=True) for i in range(n)
    )
    return ForecastQuery(Pair("BTC", "USDT"), "1h", 2, 0.8, bars)


def quantiles() -> dict[str, list[float]]:
    """Ordered ones, two bars."""
    return {f"{level:g}": [95 + i, 90 + 2 * i] for i, level in enumerate(LEVELS)}


async def test_a_forecast_of_an_endpoint_is_read() -> None:
    query = history()
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.answers({"predictions": [quantiles()]})

        found = await remote(client, StillClock(), endpoint.url).forecasts(query)

    assert FORECASTS.name in HuggingFace.served()
    assert [step.price for step in found.steps] == [99, 98]
    assert [(step.lower, step.upper) for step in found.steps] == [(97, 101), (94, 102)]
    assert [step.time_ms for step in found.steps] == [61 * 3_600_000, 62 * 3_600_000]
    assert found.probability_up is None
    [question] = endpoint.asked
    assert question["inputs"][0]["target"] == [bar.close for bar in query.candles]
    assert question["parameters"]["prediction_length"] == 2


async def test_crossed_quantiles_are_sorted() -> None:
    crossed = quantiles()
    crossed["0.1"], crossed["0.9"] = crossed["0.9"], crossed["0.1"]

    found = parse_forecast({"predictions": [crossed]}, history())

    for step in found.steps:
        assert list(step.quantiles) == sorted(step.quantiles)
        assert step.lower <= step.price <= step.upper


def _damages() -> Iterator[tuple[str, Any]]:
    for name, value in {
        "negative": -1.0,
        "zero": 0.0,
        "nan": math.nan,
        "infinite": math.inf,
        "null": None,
        "absurd": 1e9,
    }.items():
        yield name, [value, 100.0]
    yield "short", [100.0]
    yield "no list", 100.0


@pytest.mark.parametrize(("name", "column"), list(_damages()))
async def test_other_quantiles_are_refused(name: str, column: Any) -> None:
    with pytest.raises(SourceMalformed):
        parse_forecast({"predictions": [quantiles() | {"0.5": column}]}, history())


async def test_a_forecast_endpoint_rests_apart_from_that_of_sentiment() -> None:
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        source = remote(client, StillClock(), endpoint.url)
        endpoint.status = 503
        with pytest.raises(SourceUnavailable):
            await source.forecasts(history())

        endpoint.answers([UP, DOWN])
        found = await source.judged(TEXTS)

    assert found.rows == (READ_UP, READ_DOWN)


async def test_without_an_address_of_forecasts_the_variable_is_named() -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(NoKey, match="HF_FORECAST_URL"):
            await remote(client, StillClock(), None).forecasts(history())
