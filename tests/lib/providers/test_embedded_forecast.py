"""Forecasts by the shipped models."""

import httpx
import pytest

from lib.errors import SourceUnsupported
from lib.market import Candle, Pair
from lib.providers.embedded_forecast import EmbeddedForecast
from lib.queries import ForecastQuery
from lib.timeframes import HOUR_MS
from tests.conftest import StillClock
from tests.functions.walks import walk

pytestmark = pytest.mark.anyio

BTC = Pair("BTC", "USDT")


def provider() -> EmbeddedForecast:
    return EmbeddedForecast(httpx.AsyncClient(), StillClock())


def question(candles: tuple[Candle, ...], horizon: int = 24) -> ForecastQuery:
    return ForecastQuery(BTC, "1h", horizon, 0.8, candles)


async def test_it_says_one_step_a_bar_from_the_last_close_on() -> None:
    candles = walk(300)

    found = await provider().forecast(question(candles, 3))

    closed = candles[-1].open_ms + HOUR_MS
    assert found.current_price == candles[-1].close
    assert [step.time_ms for step in found.steps] == [closed + HOUR_MS * at for at in (1, 2, 3)]


async def test_too_few_candles_are_unsupported() -> None:
    with pytest.raises(SourceUnsupported):
        await provider().forecast(question(walk(49)))


def test_questions_about_other_candles_have_other_keys() -> None:
    candles = walk(60)
    keys = {question(some).key for some in (candles, candles[:-1], candles[1:])}

    assert len(keys) == 3
