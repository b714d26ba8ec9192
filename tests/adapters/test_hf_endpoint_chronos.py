"""The handler with the real libraries on tiny random weights: no hub is asked.

Skipped where they are not installed; to run it, in an environment of its own with pytest and
`adapters/hf_endpoint_requirements.txt`: python -m pytest --noconftest THIS_FILE
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from adapters.hf_endpoint import EndpointHandler

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("chronos", reason="chronos-forecasting is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # their libraries warn of their own doings

LEVELS = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975]
SERIES = [100.0 + 5 * (i % 7) for i in range(200)]


def save_chronos_2(folder: Path) -> None:
    """Two layers of sixteen numbers, never trained."""
    torch.manual_seed(1)
    config = import_module("chronos.chronos2.config").Chronos2CoreConfig(
        d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, initializer_factor=0.5
    )
    config.architectures = ["Chronos2Model"]
    config.chronos_pipeline_class = "Chronos2Pipeline"
    config.chronos_config = {
        "context_length": 256,
        "input_patch_size": 16,
        "input_patch_stride": 16,
        "output_patch_size": 16,
        "max_output_patches": 4,
        "quantiles": [0.01, *(round(0.05 * i, 2) for i in range(1, 20)), 0.99],  # as published
        "use_reg_token": True,
        "use_arcsinh": True,
        "time_encoding_scale": 256,
    }
    model = import_module("chronos.chronos2.model").Chronos2Model(config)
    model.save_pretrained(folder)


def save_bolt(folder: Path) -> None:
    """The smaller family, of nine levels."""
    torch.manual_seed(1)
    config = import_module("transformers").T5Config(
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=2,
        vocab_size=2,
        decoder_start_token_id=0,
    )
    config.architectures = ["ChronosBoltModelForForecasting"]
    config.chronos_pipeline_class = "ChronosBoltPipeline"
    config.chronos_config = {
        "context_length": 128,
        "input_patch_size": 16,
        "input_patch_stride": 16,
        "prediction_length": 32,
        "quantiles": [round(0.1 * i, 1) for i in range(1, 10)],
        "use_reg_token": True,
    }
    model = import_module("chronos.chronos_bolt").ChronosBoltModelForForecasting(config)
    model.save_pretrained(folder)


@pytest.fixture(params=[save_chronos_2, save_bolt], ids=["chronos-2", "chronos-bolt"])
def handler(request: pytest.FixtureRequest, tmp_path: Path) -> EndpointHandler:
    """A handler that has loaded the weights as an endpoint does, from its repository's folder."""
    request.param(tmp_path)
    return EndpointHandler(str(tmp_path))


def ask(handler: EndpointHandler, bars: int, levels: list[float]) -> list[dict[str, Any]]:
    """Two series of different length in one request."""
    inputs = [{"target": SERIES, "item_id": "a"}, {"target": SERIES[:50], "item_id": "b"}]
    options = {"prediction_length": bars, "quantile_levels": levels}
    found: list[dict[str, Any]] = handler({"inputs": inputs, "parameters": options})["predictions"]
    return found


@pytest.mark.parametrize("bars", [1, 24, 60])
def test_each_series_has_a_positive_price_a_bar_and_level(
    handler: EndpointHandler, bars: int
) -> None:
    found = ask(handler, bars, LEVELS)

    assert [one["item_id"] for one in found] == ["a", "b"]
    for one in found:
        columns = [one[f"{level:g}"] for level in LEVELS]
        assert {len(column) for column in columns} == {bars}
        assert all(price > 0 for column in columns for price in column)


def test_levels_are_in_order_whatever_the_weights(handler: EndpointHandler) -> None:
    for one in ask(handler, 24, LEVELS):
        rows = zip(*(one[f"{level:g}"] for level in LEVELS), strict=True)
        assert all(list(row) == sorted(row) for row in rows)


def test_the_same_question_has_the_same_answer(handler: EndpointHandler) -> None:
    assert ask(handler, 12, LEVELS) == ask(handler, 12, LEVELS)  # no dropout, no sampling
