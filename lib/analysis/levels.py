"""Support and resistance: prices at which swings turned, more than once if possible."""

import numpy as np

from lib.analysis.digits import short
from lib.analysis.indicators import atr
from lib.analysis.series import Bars, Floats, Ints
from lib.outlook import Level, Levels

SWING = 3  # bars on each side that a turning point must stand out from
WIDTH = 0.5  # turning points within so many ATR of each other are one level
MOST = 3


def find_levels(bars: Bars, row: int = 0, most: int = MOST) -> Levels:
    """Levels below and above the last close, nearest first; chosen by touches, then nearness."""
    real = bars.real[row]
    high, low, close, open_ms = (
        x[row][real] for x in (bars.high, bars.low, bars.close, bars.open_ms)
    )
    ranges = atr(high, low, close)
    if len(close) < 2 * SWING + 1 or not ranges[-1] > 0:
        return Levels((), ())
    tops, bottoms = pivots(high), pivots(-low)
    prices = np.concatenate([high[tops], low[bottoms]])
    times = np.concatenate([open_ms[tops], open_ms[bottoms]])
    levels = cluster(prices, times, WIDTH * float(ranges[-1]))
    last = float(close[-1])
    below = [level for level in levels if level.price < last]
    above = [level for level in levels if level.price > last]
    return Levels(_nearest(below, last, most), _nearest(above, last, most))


def pivots(x: Floats, swing: int = SWING) -> Ints:
    """Where a value is above all of its `swing` neighbours on both sides; a tie's first counts."""
    if len(x) < 2 * swing + 1:
        return np.array([], dtype=np.int64)
    around = np.lib.stride_tricks.sliding_window_view(x, 2 * swing + 1)
    middle = around[:, swing]
    before = middle > around[:, :swing].max(-1)
    after = middle >= around[:, swing + 1 :].max(-1)
    return np.flatnonzero(before & after) + swing


def cluster(prices: Floats, times: Ints, width: float) -> list[Level]:
    """Group turning points so that none lies farther than `width` from its group's lowest."""
    made: list[Level] = []
    order = np.argsort(prices, kind="stable")
    start = 0
    for i in range(1, len(order) + 1):
        if i < len(order) and prices[order[i]] - prices[order[start]] <= width:
            continue
        group = order[start:i]
        if len(group):
            mean = float(short(prices[group].mean()))
            made.append(Level(mean, len(group), int(times[group].max())))
        start = i
    return made


def _nearest(levels: list[Level], last: float, most: int) -> tuple[Level, ...]:
    chosen = sorted(levels, key=lambda x: (-min(x.touches, 3), abs(x.price - last)))[:most]
    return tuple(sorted(chosen, key=lambda x: abs(x.price - last)))
