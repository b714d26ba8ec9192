"""Counts that several processes share, kept here and told to the store now and then."""

from itertools import islice
from typing import Final

from lib.clock import Clock
from lib.store import Store

MINUTE_MS: Final = 60_000

BATCH: Final = 500
"""Counts told in one round trip."""


class Tally:
    """Units by caller in the running wall-clock minute, over all processes that sync.

    A total is never more than the caller has really used: what others counted is known as of the
    last `sync`, and what a failed sync told is not told again, since the store may have counted
    it. At most `most_callers` a minute are tallied, the first to come.
    """

    def __init__(self, store: Store, clock: Clock, most_callers: int) -> None:
        self._store = store
        self._clock = clock
        self._most = most_callers
        self._minute = 0
        self._totals: dict[str, int] = {}
        self._untold: dict[str, int] = {}

    def used(self, caller: str) -> int:
        """Units in this minute, as far as known."""
        self._turn()
        return self._totals.get(caller, 0)

    def left_s(self) -> int:
        """Whole seconds to the end of this minute, rounded up."""
        return -(-(MINUTE_MS - self._clock.now_ms() % MINUTE_MS) // 1000)

    def count(self, caller: str, units: int) -> None:
        """Count units that this process let through."""
        self._turn()
        if caller in self._totals or len(self._totals) < self._most:
            self._totals[caller] = self._totals.get(caller, 0) + units
            self._untold[caller] = self._untold.get(caller, 0) + units

    async def sync(self) -> None:
        """Tell the store what is new here, and learn what is new elsewhere."""
        self._turn()
        minute = self._minute
        untold, self._untold = self._untold, {}
        news = iter(untold.items())
        while minute == self._minute and (batch := dict(islice(news, BATCH))):
            keys = {f"v1:limit:{caller}:{minute}": caller for caller in batch}
            told = await self._store.add_all(
                dict(zip(keys, batch.values(), strict=True)), 2 * MINUTE_MS / 1000
            )
            self._turn()
            if told is None or minute != self._minute:
                return
            for key, caller in keys.items():
                since = self._untold.get(caller, 0)
                self._totals[caller] = max(self._totals[caller], told[key] + since)

    def _turn(self) -> None:
        """Begin anew when the minute is over."""
        minute = self._clock.now_ms() // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._totals.clear()
            self._untold = {}
