"""A hosted model's answer: numbers from a stranger."""

from typing import Any

import pytest

from lib.errors import SourceMalformed
from lib.market import Candle, Pair
from lib.queries import ForecastQuery
from lib.wire.hf import LEVELS, parse_forecast, parse_labels

LAST = Candle(1_764_000_000_000, 100.0, 101.0, 99.0, 100.0, 5.0, True)
QUERY = ForecastQuery(Pair("BTC", "USDT"), "1h", 1, 0.8, (LAST,))


@pytest.mark.parametrize("price", [10**400, -(10**400), float("nan"), True, "100", None])
def test_a_price_that_is_no_number_of_ours_is_malformed(price: Any) -> None:
    told: dict[str, list[Any]] = {f"{level:g}": [100.0] for level in LEVELS}

    with pytest.raises(SourceMalformed, match="no finite number"):
        parse_forecast({"predictions": [told | {"0.5": [price]}]}, QUERY)


def test_a_score_of_four_hundred_digits_is_malformed() -> None:
    labels = [{"label": "positive", "score": 10**400}, {"label": "negative", "score": 0}]

    with pytest.raises(SourceMalformed, match="no finite number"):
        parse_labels([labels], 1)
