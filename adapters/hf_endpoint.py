"""The handler of a Hugging Face Inference Endpoint that forecasts: deploy it as `handler.py`.

It stands alone: the endpoint has this file, its requirements and the weights, and nothing of this
project. See docs/huggingface.md. Asked in the form of Chronos-2's own endpoints:

    {"inputs": [{"target": [closes, oldest first], "item_id": "BTC/USDT"}],
     "parameters": {"prediction_length": 24, "quantile_levels": [0.1, 0.5, 0.9]}}

it answers {"predictions": [{"item_id": …, "0.1": [a price a bar], "0.5": …, "0.9": …}]}.
"""

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

MODEL: Final = "amazon/chronos-2"
LONGEST: Final = 2048  # closes read of a series
FARTHEST: Final = 168  # bars
MOST: Final = 64  # series in one request
LEAST: Final = 16

Quantiles = list[list[list[float]]]
Predict = Callable[[list[list[float]], int, list[float]], Quantiles]
"""Series, bars and levels in; by series and bar, a number a level out."""


class EndpointHandler:
    """What the endpoint's server makes once and calls with every request.

    Args:
        path: the repository's folder; without weights in it, the published ones are loaded.
        predict: another pipeline, for tests.
    """

    def __init__(self, path: str = "", predict: Predict | None = None) -> None:
        self._predict = predict or load_chronos(
            path if Path(path, "config.json").is_file() else MODEL
        )

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """Answer one request; a `ValueError` becomes the server's status 400."""
        options = data.get("parameters") or {}
        bars = _whole(options.get("prediction_length", 24))
        levels = _levels(options.get("quantile_levels", [0.1, 0.5, 0.9]))
        items = data.get("inputs")
        if not isinstance(items, list) or not 1 <= len(items) <= MOST:
            raise ValueError(f"inputs: 1 to {MOST} series")
        series = [_series(item) for item in items]
        # logarithms: a model that knows no prices must not forecast a negative one
        found = self._predict([[math.log(x) for x in one] for one in series], bars, levels)
        return {
            "predictions": [
                {"item_id": item.get("item_id"), **_columns(rows, levels, bars)}
                for item, rows in zip(items, found, strict=True)
            ]
        }


def load_chronos(path: str) -> Predict:
    """The published pipeline; needs what `hf_endpoint_requirements.txt` names."""
    torch = import_module("torch")
    chronos = import_module("chronos")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pipeline = chronos.BaseChronosPipeline.from_pretrained(path, device_map=device)

    def predict(series: list[list[float]], bars: int, levels: list[float]) -> Quantiles:
        with torch.inference_mode():
            found, _ = pipeline.predict_quantiles(
                [torch.tensor(one, dtype=torch.float32) for one in series],
                prediction_length=bars,
                quantile_levels=levels,
            )
        # Chronos-2 gives one [variates, bars, levels] a series, Bolt [bars, levels]
        return [one.reshape(-1, bars, len(levels))[0].float().cpu().tolist() for one in found]

    return predict


def _columns(rows: Sequence[Sequence[float]], levels: list[float], bars: int) -> dict[str, Any]:
    if len(rows) != bars or not all(math.isfinite(x) for row in rows for x in row):
        raise RuntimeError("the model answered no finite number for each bar")
    ordered = [sorted(math.exp(x) for x in row) for row in rows]
    return {f"{level:g}": [row[i] for row in ordered] for i, level in enumerate(levels)}


def _series(item: Any) -> list[float]:
    target = item.get("target") if isinstance(item, dict) else None
    if not isinstance(target, list) or len(target) < LEAST:
        raise ValueError(f"target: at least {LEAST} closes, oldest first")
    kept = target[-LONGEST:]
    if not all(_is_number(x) and 0 < x < math.inf for x in kept):
        raise ValueError("target: positive numbers")
    return [float(x) for x in kept]


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= FARTHEST:
        raise ValueError(f"prediction_length: 1 to {FARTHEST}")
    return value


def _levels(values: Any) -> list[float]:
    if not isinstance(values, list) or not values:
        raise ValueError("quantile_levels: a list")
    if not all(_is_number(x) and 0 < x < 1 for x in values):
        raise ValueError("quantile_levels: between 0 and 1")
    return sorted({float(x) for x in values})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
