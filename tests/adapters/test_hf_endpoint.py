"""The handler for a forecasting endpoint, behind HTTP as the inference toolkit puts it, asked by
the service's own client. The pipeline is a stand-in: the real one needs torch and weights."""

import json
import math
from typing import Any

import httpx
import pytest

from adapters.hf_endpoint import EndpointHandler
from lib.market import Candle, Pair
from lib.providers.huggingface import HuggingFace
from lib.queries import ForecastQuery
from tests.conftest import StillClock
from tests.lib.providers.hf_server import serving

SERIES = [100.0 + i for i in range(40)]


def predict(series: list[list[float]], bars: int, levels: list[float]) -> list[list[list[float]]]:
    """The last value, wider with each bar and crossed: the highest level first."""
    return [
        [[one[-1] - 0.01 * (level - 0.5) * (k + 1) for level in levels] for k in range(bars)]
        for one in series
    ]


def ask(**changed: Any) -> dict[str, Any]:
    """A sound question, but for what is changed."""
    return {
        "inputs": [{"target": SERIES, "item_id": "a"}],
        "parameters": {"prediction_length": 2, "quantile_levels": [0.1, 0.5, 0.9]},
    } | changed


def test_quantiles_come_back_as_ordered_prices() -> None:
    [found] = EndpointHandler(predict=predict)(ask())["predictions"]

    assert found["item_id"] == "a"
    assert found["0.5"] == pytest.approx([139.0, 139.0])
    assert found["0.1"] == pytest.approx([139 * math.exp(-0.004), 139 * math.exp(-0.008)])
    assert found["0.9"] == pytest.approx([139 * math.exp(0.004), 139 * math.exp(0.008)])


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": None},
        {"inputs": []},
        {"inputs": [{}] * 65},
        {"inputs": ["text"]},
        {"inputs": [{"target": [1.0] * 3}]},
        {"inputs": [{"target": [*SERIES, -1.0]}]},
        {"inputs": [{"target": [*SERIES, math.nan]}]},
        {"inputs": [{"target": [*SERIES, None]}]},
        {"parameters": {"prediction_length": 0}},
        {"parameters": {"prediction_length": 1000}},
        {"parameters": {"prediction_length": True}},
        {"parameters": {"quantile_levels": []}},
        {"parameters": {"quantile_levels": [1.0]}},
    ],
)
def test_another_question_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"inputs|target|prediction_length|quantile_levels"):
        EndpointHandler(predict=predict)(ask(**changed))


def test_a_model_that_answers_no_number_is_a_fault() -> None:
    handler = EndpointHandler(predict=lambda *_: [[[math.nan] * 3] * 2])

    with pytest.raises(RuntimeError):
        handler(ask())


@pytest.mark.anyio
async def test_the_service_reads_what_the_handler_answers() -> None:
    handler = EndpointHandler(predict=predict)
    bars = tuple(Candle(i * 3_600_000, x, x, x, x, 1, closed=True) for i, x in enumerate(SERIES))
    query = ForecastQuery(Pair("BTC", "USDT"), "1h", 3, 0.7, bars)
    async with serving() as endpoint, httpx.AsyncClient(trust_env=False) as client:
        endpoint.handler = lambda question: json.dumps(handler(question)).encode()
        source = HuggingFace(client, StillClock(), None, "a-token")
        source.aim(sentiment_url=None, forecast_url=endpoint.url, monthly_usd=0)

        found = await source.forecasts(query)

    assert [step.price for step in found.steps] == pytest.approx([139.0] * 3)
    widths = [step.upper - step.lower for step in found.steps]
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(139 * 2 * math.sinh(0.0035))
