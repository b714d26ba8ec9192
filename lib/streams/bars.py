"""A streamed bar, judged as any other: what is no bar never leaves a parser."""

import math

from lib.candles import Bar
from lib.errors import SourceMalformed
from lib.market import Candle


def seen_bar(bar: Bar, *, closed: bool) -> Candle:
    """The bar as the rest of the service knows it.

    Raises:
        SourceMalformed: a price that is no price, or a high below the low.
    """
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(0 < value < math.inf for value in prices):
        raise SourceMalformed("a bar with a price that is no price")
    if bar.high < max(prices) or bar.low > min(prices):
        raise SourceMalformed("a bar whose high or low is none")
    if bar.volume is not None and not 0 <= bar.volume < math.inf:
        raise SourceMalformed("a bar with a volume that is none")
    return Candle(
        open_ms=bar.open_ms,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        closed=closed,
        quote_volume=bar.quote_volume,
    )
