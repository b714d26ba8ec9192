"""Candle files as grids of bars."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lib.analysis.series import Bars, Floats, grid
from lib.timeframes import TIMEFRAME_MS


def read_columns(path: Path) -> Floats:
    """Rows of (open time in ms, open, high, low, close, volume); further columns are left out."""
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=range(6), ndmin=2)


def read_folder(folder: Path) -> dict[str, Floats]:
    """Every candle file of a folder, by symbol."""
    files = sorted([*folder.glob("*.csv.gz"), *folder.glob("*.csv")])
    return {path.name.split(".")[0]: read_columns(path) for path in files}


def timeframe_of(columns: Floats) -> int:
    """Milliseconds between most rows."""
    steps = np.diff(np.sort(columns[:, 0]))
    return int(np.median(steps[steps > 0]))


def to_bars(columns: Floats, timeframe: str, shift_ms: int = 0) -> Bars:
    """The whole history on the grid of a time frame, added up where the file's bars are shorter.

    `shift_ms` moves where bars open: a file of hours holds four different series of 4h bars.
    """
    step = TIMEFRAME_MS[timeframe]
    if timeframe_of(columns) == step and not shift_ms:
        return grid(columns, timeframe)
    moved = columns[np.argsort(columns[:, 0], kind="stable")]
    moved[:, 0] -= shift_ms
    per_bar = step // timeframe_of(columns)
    slot = moved[:, 0] // step
    starts = np.flatnonzero(np.diff(slot, prepend=-1))
    whole = np.diff(np.append(starts, len(slot))) == per_bar
    ends = np.append(starts[1:], len(slot)) - 1
    added = np.column_stack(
        [
            slot[starts] * step,
            moved[starts, 1],
            np.maximum.reduceat(moved[:, 2], starts),
            np.minimum.reduceat(moved[:, 3], starts),
            moved[ends, 4],
            np.add.reduceat(moved[:, 5], starts),
        ]
    )[whole]
    bars = grid(added, timeframe)
    return bars._replace(open_ms=bars.open_ms + shift_ms)


def utc_ms(date: str) -> int:
    """Midnight UTC of an ISO date."""
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)
