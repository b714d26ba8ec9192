"""Bars: how they add up, and when a row of them is sound."""

from collections.abc import Iterable
from operator import lt
from typing import NamedTuple

from lib.errors import SourceMalformed, SourceUnsupported
from lib.market import Candle, Candles
from lib.queries import CandleQuery
from lib.timeframes import TIMEFRAME_MS, open_of

_LONGEST = 20_000  # bars between the first and the last: more would be a runaway


class Bar(NamedTuple):
    """A bar as read off the wire, not yet judged. A volume that the source does not state is
    `None`."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    quote_volume: float | None = None


def resample(bars: Iterable[Bar], timeframe: str) -> list[Bar]:
    """Add bars up into a longer time frame, ascending.

    Raises:
        SourceMalformed: one of them is no bar, which could not be seen in the sum.
    """
    made: list[Bar] = []
    for bar in _judged(bars):
        start = open_of(bar.open_ms, timeframe)
        if made and made[-1].open_ms == start:
            last = made[-1]
            made[-1] = Bar(
                start,
                last.open,
                max(last.high, bar.high),
                min(last.low, bar.low),
                bar.close,
                add_known(last.volume, bar.volume),
                add_known(last.quote_volume, bar.quote_volume),
            )
        else:
            made.append(bar._replace(open_ms=start))
    return made


def build_candles(query: CandleQuery, rows: Iterable[Bar], time_ms: int) -> Candles:
    """Judge a source's bars and answer the query with them.

    Ascending and without duplicates; a bar in which nobody traded is flat at the previous close
    with volume 0 and `filled`; a bar is closed when its end has passed by the source's clock.

    Raises:
        SourceMalformed: a bar off the grid or in the future, or a price that is no price.
        SourceUnsupported: no bar in the range.
    """
    step, grid = TIMEFRAME_MS[query.timeframe], open_of(0, query.timeframe)
    made: list[Candle] = []
    due = 0  # when the next bar should open
    for t, o, h, low, c, volume, quote_volume in _judged(rows):
        if (t - grid) % step or t > time_ms + step:
            raise SourceMalformed(f"a {query.timeframe} bar opens at {t}")
        if made and t > due:
            if t - made[0].open_ms > _LONGEST * step:
                raise SourceMalformed("the bars span more than any query")
            flat = made[-1].close
            made += [
                Candle(gap, flat, flat, flat, flat, 0.0, True, True, 0.0)
                for gap in range(due, t, step)
            ]
        due = t + step
        made.append(Candle(t, o, h, low, c, volume, due <= time_ms, False, quote_volume))
    chosen = _in_range(query, made)
    if not chosen and query.since_ms is None and query.until_ms is None:
        raise SourceMalformed("not one bar of a pair that it knows")
    if not chosen:
        raise SourceUnsupported("no bar in this range")
    return Candles(query.pair, query.timeframe, tuple(chosen), time_ms)


def _judged(rows: Iterable[Bar]) -> Iterable[Bar]:
    """Sound bars, ascending. One that comes twice was seen while it ran: the fuller one counts."""
    bars = list(rows)
    for t, o, h, low, c, volume, quote_volume in bars:  # of a thousand: nothing dear in here
        if (
            not (0 < low <= o <= h and low <= c <= h < 1e300)
            or not 0 <= (volume or 0.0) < 1e300
            or not 0 <= (quote_volume or 0.0) < 1e300
        ):
            raise SourceMalformed(f"the bar at {t} is no bar")
    times = [bar[0] for bar in bars]
    if all(map(lt, times, times[1:])):
        return bars
    bars.sort(key=lambda bar: (bar.open_ms, bar.volume or 0.0))
    return {bar.open_ms: bar for bar in bars}.values()


def add_known(one: float | None, other: float | None) -> float | None:
    """The sum of two volumes; unknown if one of them is."""
    return None if one is None or other is None else one + other


def _in_range(query: CandleQuery, bars: list[Candle]) -> list[Candle]:
    since, until = query.since_ms, query.until_ms
    if since is not None:
        bars = [bar for bar in bars if bar.open_ms >= since]
    if until is not None:
        bars = [bar for bar in bars if bar.open_ms <= until]
    # with a start, the first `limit` bars from it; without one, the newest
    return bars[: query.limit] if since is not None else bars[-query.limit :]
