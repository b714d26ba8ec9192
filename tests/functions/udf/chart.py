"""What a chart library asks, and how it reads the answer."""

from typing import Any

from lib.timeframes import open_of
from tests.house import NOW_MS

NOW_S, HOUR_S = NOW_MS // 1000, 3600
HOUR_MS = HOUR_S * 1000
LAST_S = open_of(NOW_MS, "1h") // 1000
HISTORY = "/udf/history?symbol=BTCUSDT&resolution=60"


def columns(body: dict[str, Any]) -> list[dict[str, Any]]:
    """A history's columns as rows."""
    return [
        dict(zip("tohlcv", row, strict=True))
        for row in zip(*(body[name] for name in "tohlcv"), strict=True)
    ]


def history(symbol: str, resolution: str, to: int, countback: int) -> str:
    """As the library asks: `from` is sent too, and means nothing."""
    return (
        f"/udf/history?symbol={symbol}&resolution={resolution}&from={to - 12 * HOUR_S}&to={to}"
        f"&countback={countback}"
    )
