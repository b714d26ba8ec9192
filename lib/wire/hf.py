"""What models at Hugging Face are asked and answer; their answers are taken for nothing but
numbers from a stranger."""

import math
from collections.abc import Sequence
from typing import Any, Final, TypeGuard

from lib.errors import SourceMalformed
from lib.fan import lawful
from lib.news import Tone, Verdict
from lib.outlook import Forecast, ForecastStep
from lib.queries import ForecastQuery
from lib.timeframes import TIMEFRAME_MS

LEVELS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)

_TONES: Final[dict[str, Tone]] = {
    "positive": "positive",
    "bullish": "positive",
    "negative": "negative",
    "bearish": "negative",
    "neutral": "neutral",
}
_SUM_OFF: Final = 0.02
_FREQ: Final = {"1h": "h", "4h": "4h", "1d": "D"}
_MOST_FOLD: Final = 100.0
"""A price this many times the last one, or its like below, is no forecast."""


def parse_labels(reply: Any, n: int) -> list[Verdict]:
    """One verdict a text from `[{label, score}, …]`, one list a text, or one list deeper.

    Raises:
        SourceMalformed: another shape, a label that is no tone, or scores that are no shares of 1.
    """
    while _is_list(reply) and len(reply) == 1 and _is_list(reply[0]) and _nested(reply[0]):
        reply = reply[0]
    rows = reply if _nested(reply) else [reply]
    if not _is_list(reply) or len(rows) != n:
        raise SourceMalformed("not one list of labels a text")
    return [_verdict(row) for row in rows]


def wire_history(query: ForecastQuery) -> dict[str, Any]:
    """The question for a forecasting endpoint: closes oldest first, in the form that Chronos-2's
    own endpoints take."""
    return {
        "inputs": [{"item_id": str(query.pair), "target": [bar.close for bar in query.candles]}],
        "parameters": {
            "prediction_length": query.horizon,
            "freq": _FREQ.get(query.timeframe, "h"),
            "quantile_levels": list(_levels(query.interval)),
        },
    }


def parse_forecast(reply: Any, query: ForecastQuery) -> Forecast:
    """From `{"predictions": [{"0.1": [price a bar], …}]}`. Quantiles that cross are sorted, and
    no bar's are nearer together than those of the bar before.

    Raises:
        SourceMalformed: a level or a bar is missing, or a price is not positive and near the last.
    """
    predictions = reply.get("predictions") if isinstance(reply, dict) else None
    if not _is_list(predictions) or len(predictions) != 1 or not isinstance(predictions[0], dict):
        raise SourceMalformed("not one prediction")
    levels, last = _levels(query.interval), query.candles[-1]
    columns = [_column(predictions[0].get(f"{level:g}"), query.horizon) for level in levels]
    step_ms = TIMEFRAME_MS[query.timeframe]
    closed_ms = last.open_ms + step_ms
    bars = list(zip(*columns, strict=True))
    least, most = min(map(min, bars)), max(map(max, bars))
    if least <= last.close / _MOST_FOLD or most >= last.close * _MOST_FOLD:
        raise SourceMalformed("a price that is far from the last one")
    steps = []
    for i, row in enumerate(lawful(bars, levels.index(0.5))):
        at = dict(zip(levels, row, strict=True))
        lower, upper = (at[level] for level in _bounds(query.interval))
        told = tuple(at[level] for level in LEVELS)
        steps.append(ForecastStep(closed_ms + (i + 1) * step_ms, at[0.5], lower, upper, told))
    return Forecast(
        timeframe=query.timeframe,
        horizon=query.horizon,
        interval=query.interval,
        current_price=last.close,
        time_ms=closed_ms,
        steps=tuple(steps),
        levels=LEVELS,
        model="huggingface:endpoint",
        members=("endpoint",),
        direction="neutral",
        direction_bars=query.horizon,
        notes=("the endpoint's own spread, not recalibrated: too few outcomes are on record",),
    )


def _verdict(row: Any) -> Verdict:
    if not _is_list(row):
        raise SourceMalformed("labels in no list")
    shares: dict[Tone, float] = {}
    for item in row:
        label = item.get("label") if isinstance(item, dict) else None
        tone = _TONES.get(label.strip().lower()) if isinstance(label, str) else None
        if tone is None or tone in shares:
            raise SourceMalformed("a label that is no tone, or comes twice")
        shares[tone] = _number(item.get("score"))
        if not 0 <= shares[tone] <= 1:
            raise SourceMalformed("a score that is no share")
    if not {"positive", "negative"} <= shares.keys() or abs(sum(shares.values()) - 1) > _SUM_OFF:
        raise SourceMalformed("scores that do not add up to 1")
    tone, sure = max(shares.items(), key=lambda one: one[1])
    return Verdict(tone, round(shares["positive"] - shares["negative"], 4), round(sure, 4))


def _levels(interval: float) -> tuple[float, ...]:
    return tuple(sorted({*LEVELS, *_bounds(interval)}))


def _bounds(interval: float) -> tuple[float, float]:
    return round((1 - interval) / 2, 4), round((1 + interval) / 2, 4)


def _column(values: Any, bars: int) -> Sequence[float]:
    if not _is_list(values) or len(values) != bars:
        raise SourceMalformed("a level without a price for each bar")
    return [_number(value) for value in values]


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SourceMalformed("no finite number where one belongs")
    try:
        number = float(value)
    except OverflowError:  # JSON knows whole numbers of any length
        number = math.inf
    if not math.isfinite(number):
        raise SourceMalformed("no finite number where one belongs")
    return number


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _nested(value: Any) -> bool:
    return _is_list(value) and bool(value) and all(_is_list(item) for item in value)
