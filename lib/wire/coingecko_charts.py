"""CoinGecko's histories: market caps at uneven moments, bars without volume.
https://docs.coingecko.com"""

import math
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import CapHistory, CapPoint
from lib.queries import RangeQuery
from lib.timeframes import TIMEFRAME_MS
from lib.wire.typed import Number, positive, wire_decoder


class PriceBar(NamedTuple):
    """A bar without a volume, timed at its open."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float


def parse_caps(body: bytes, query: RangeQuery, time_ms: int) -> CapHistory:
    """Read `/coins/{id}/market_chart/range`. The newest point is "now" rather than a bar's end."""
    chart: _Chart = _read_chart(body)
    points = {
        int(at_ms): known
        for at_ms, cap in chart.market_caps
        if query.from_ms <= at_ms <= query.to_ms and (known := positive(cap))
    }
    if not points:
        raise SourceUnsupported("no market cap in this range")
    ordered = tuple(CapPoint(at_ms, cap) for at_ms, cap in sorted(points.items()))
    return CapHistory(query.symbol, ordered, time_ms)


def parse_ohlc(body: bytes, timeframe: str) -> list[PriceBar]:
    """Read `/coins/{id}/ohlc`: timed at close there, 30m (1 or 2 days) or 4h (3 to 30), no volume.

    Raises:
        SourceMalformed: its bars are not of this length.
    """
    step = TIMEFRAME_MS[timeframe]
    bars = [PriceBar(close_ms - step, *prices) for close_ms, *prices in _read_ohlc(body)]
    gaps = {later.open_ms - bar.open_ms for bar, later in pairwise(bars)}
    if not bars or min(gaps, default=step) != step or any(gap % step for gap in gaps):
        raise SourceMalformed(f"no {timeframe} bars")
    for at, o, h, low, c in bars:
        if at % step or not (0 < low <= o <= h and low <= c <= h < math.inf):
            raise SourceMalformed(f"the bar at {at} is no bar")
    return bars


class _Chart(Struct):
    market_caps: list[tuple[float, Number]]


_read_chart = wire_decoder(_Chart)
_read_ohlc = wire_decoder(list[tuple[int, float, float, float, float]])
