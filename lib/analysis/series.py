"""Candles of many symbols laid out on one grid of bars, ready for arithmetic."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.errors import InsufficientData
from lib.market import Candle
from lib.timeframes import TIMEFRAME_MS, open_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEAST = 50  # traded bars: with fewer, even the volatility of the last days is a guess
HISTORY = 640  # bars that a forecast looks back on; more change nothing


class Bars(NamedTuple):
    """Symbols by bars, `[S, T]`, the newest bar last.

    Where nothing was traded or given, `real` is False and the bar is flat at the last known close.
    """

    open_ms: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    real: Flags


def lay_out(batch: Sequence[Sequence[Candle]], timeframe: str, length: int = HISTORY) -> Bars:
    """Closed candles of each symbol, oldest first, on one grid that every symbol's newest closes.

    Raises:
        InsufficientData: a symbol has fewer than 50 traded, closed candles.
    """
    return stack([grid(_columns(candles, length), timeframe, length) for candles in batch])


def grid(columns: Floats, timeframe: str, length: int | None = None) -> Bars:
    """One symbol's rows of (open time, open, high, low, close, volume) as a `[1, T]` grid.

    Rows may come in any order, twice (the last wins), with holes, or with numbers that are no
    prices (left out). `length` None keeps everything from the first row on.

    Raises:
        InsufficientData: fewer than 50 sound rows.
    """
    _, o, h, low, c, v = columns.T
    with np.errstate(invalid="ignore"):
        sound = (low > 0) & (low <= o) & (o <= h) & (low <= c) & (c <= h) & (h < 1e300)
        sound &= (v >= 0) & np.isfinite(v)
    step = TIMEFRAME_MS[timeframe]
    kept = columns[sound]
    slots = (kept[:, 0].astype(np.int64) - open_of(0, timeframe)) // step
    have = np.unique(slots).size
    if have < LEAST:
        raise InsufficientData(
            f"A forecast needs at least {LEAST} closed candles with trades; there are {have}.",
            {"have": int(have), "need": LEAST},
        )
    end = int(slots.max())
    newest = slots[-length:] if length and have == len(kept) >= length else slots[:0]
    if newest.size and newest[-1] == end and (np.diff(newest) == 1).all():
        return _whole(kept[-len(newest) :], newest * step + open_of(0, timeframe))
    first = int(slots.min()) if length is None else end - length + 1
    size = end - first + 1
    before = slots < first
    rows = np.full((size, 5), np.nan)
    rows[slots[~before] - first] = kept[~before, 1:]
    real = np.isfinite(rows[:, 3])
    last = np.maximum.accumulate(np.where(real, np.arange(size), -1))
    seed = kept[before][np.argmax(slots[before]), 4] if before.any() else rows[real][0, 0]
    flat = np.where(last >= 0, rows[last, 3], seed)
    prices = np.where(real[:, None], rows[:, :4], flat[:, None])
    volume = np.where(real, rows[:, 4], 0.0)
    open_ms = np.arange(first, end + 1, dtype=np.int64) * step + open_of(0, timeframe)
    return Bars(*(x[None] for x in (open_ms, *prices.T, volume, real)))


def _whole(rows: Floats, open_ms: Ints) -> Bars:
    """The usual case: every bar is there, in order."""
    return Bars(*(x[None] for x in (open_ms, *rows.T[1:], np.ones(len(rows), dtype=bool))))


def stack(grids: Sequence[Bars]) -> Bars:
    """Equally long grids under each other."""
    return Bars(*(np.concatenate(parts) for parts in zip(*grids, strict=True)))


def _columns(candles: Sequence[Candle], length: int) -> Floats:
    # one more than the grid holds: where a bar is missing at its start, the close before it
    kept = [c for c in candles if c.closed and not c.filled][-length - 1 :]
    rows = [
        [c.open_ms for c in kept],
        [c.open for c in kept],
        [c.high for c in kept],
        [c.low for c in kept],
        [c.close for c in kept],
        [c.volume for c in kept],
    ]
    return np.array(rows, dtype=np.float64).T
