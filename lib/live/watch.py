"""One watched thing: who tells us about it just now, and what was last told."""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

from lib.streams.base import BarSeen, Wanted

REMEMBERED: Final = 1000  # trades, so that none is told twice


@dataclass
class Watch:
    """What one `Wanted` is at.

    Attributes:
        venue: whose stream is asked for it.
        voice: whose stream tells it; `None` while it is polled.
        state: `live`, `reconnecting`, `polling` or `down`; empty before anything is known.
        troubled: whether listeners were told of a state other than `live`.
        told_ms: the source's own time of what was last told.
        bar: of candles, the bar that the present stream last told; `None` after a poll.
        serials: of each venue, the last trade's number.
    """

    wanted: Wanted
    venue: str | None = None
    voice: str | None = None
    poll_at: float = -inf
    polling: bool = False
    state: str = ""
    troubled: bool = False
    told_ms: int = 0
    bar: BarSeen | None = None
    serials: dict[str, int] = field(default_factory=dict)
    refused_by: dict[str, float] = field(default_factory=dict)
    _known: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _set: set[tuple[str, str]] = field(default_factory=set)

    def is_new(self, source: str, trade_id: str) -> bool:
        """Whether this trade was not told before; from now on it was."""
        key = (source, trade_id)
        if key in self._set:
            return False
        if len(self._known) == REMEMBERED:
            self._set.discard(self._known[0])
        self._known.append(key)
        self._set.add(key)
        return True

    @property
    def knows_trades(self) -> bool:
        """Whether any trade was told yet."""
        return bool(self._known)
