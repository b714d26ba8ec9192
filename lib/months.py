"""Calendar months in UTC, the one time frame of uneven length."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from lib.candles import add_known
from lib.market import Candle
from lib.timeframes import DAY_MS


def month_open(time_ms: int) -> int:
    """The first moment of the month that holds this one."""
    at = datetime.fromtimestamp(time_ms / 1000, UTC)
    return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp() * 1000)


def month_close(time_ms: int) -> int:
    """The first moment after that month."""
    return month_open(month_open(time_ms) + 31 * DAY_MS)


def by_month(days: Iterable[Candle]) -> list[Candle]:
    """Add ascending days up into months; a month is closed when its very last day is."""
    made: list[Candle] = []
    for day in days:
        start = month_open(day.open_ms)
        closed = day.closed and day.open_ms + DAY_MS == month_close(start)
        if made and made[-1].open_ms == start:
            month = made[-1]
            made[-1] = Candle(
                start,
                month.open,
                max(month.high, day.high),
                min(month.low, day.low),
                day.close,
                add_known(month.volume, day.volume),
                closed,
                quote_volume=add_known(month.quote_volume, day.quote_volume),
            )
        else:
            made.append(msgspec.structs.replace(day, open_ms=start, closed=closed))
    return made
