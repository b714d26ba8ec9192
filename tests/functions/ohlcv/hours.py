"""The hours around now, and two bars of them as an upstream has them."""

from lib.timeframes import open_of
from tests.functions.upstream import BARS, TICKERS, bar, ticker
from tests.house import NOW_MS

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
LAST_MS = open_of(NOW_MS, "1h")
BTC = "/api/ohlcv?symbol=BTC"
CANNED = {
    TICKERS: [ticker("BTCUSDT", 107.0)],
    BARS: [bar(LAST_MS - HOUR_MS, 104.0), bar(LAST_MS, 105.0)],
}
