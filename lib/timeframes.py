"""Time frames: how long a bar is and where it opens."""

from typing import Final

MINUTE_MS, HOUR_MS, DAY_MS, WEEK_MS = 60_000, 3_600_000, 86_400_000, 604_800_000

TIMEFRAME_MS: Final = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "4h": 4 * HOUR_MS,
    "1d": DAY_MS,
    "1w": WEEK_MS,
}

_MONDAY_MS = 4 * DAY_MS  # the epoch was a Thursday; the first Monday is four days in


def open_of(time_ms: int, timeframe: str) -> int:
    """Open time of the bar that holds this moment: UTC midnight for days, Monday for weeks."""
    anchor = _MONDAY_MS if timeframe == "1w" else 0
    return time_ms - (time_ms - anchor) % TIMEFRAME_MS[timeframe]
