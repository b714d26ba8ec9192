"""Bars under the names that front ends read: long keys, or long and short ones."""

from collections.abc import Iterable

from msgspec import Struct

from lib.context import Context
from lib.feeds import CANDLES
from lib.market import Candle
from lib.units import BaseAmount, Price, UnixMs


class LongBar(Struct, kw_only=True):
    """A bar, timed at its open; volume in base units. `filled`: nobody traded in it, so that it is
    flat at the close before."""

    timestamp: UnixMs
    open: Price
    high: Price
    low: Price
    close: Price
    volume: BaseAmount | None
    filled: bool


class BothBar(LongBar, kw_only=True):
    """A bar under long and short names; the running one has `closed: false`."""

    t: UnixMs
    o: Price
    h: Price
    l: Price  # noqa: E741 - charts call the low so
    c: Price
    v: BaseAmount | None
    closed: bool


def long_bars(bars: Iterable[Candle]) -> list[LongBar]:
    """Bars with long keys."""
    return [
        LongBar(
            timestamp=bar.open_ms,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            filled=bar.filled,
        )
        for bar in bars
    ]


def both_bars(bars: Iterable[Candle]) -> list[BothBar]:
    """Bars with long and short keys."""
    # written out: made from the long bar it takes seven times as long, 0.7 ms for 1000 bars
    return [
        BothBar(
            timestamp=bar.open_ms,
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            filled=bar.filled,
            t=bar.open_ms,
            o=bar.open,
            h=bar.high,
            l=bar.low,
            c=bar.close,
            v=bar.volume,
            closed=bar.closed,
        )
        for bar in bars
    ]


def say_no_volume(ctx: Context, bars: Iterable[Candle], *fields: str) -> None:
    """Say why volumes are null, if any is."""
    if any(bar.volume is None for bar in bars):
        for field in fields:
            ctx.lacks(field, f"{ctx.source_of(CANDLES)} states no volume")
