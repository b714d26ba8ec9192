"""Quotas that processes spend together, told to the store now and then."""

from collections.abc import Mapping
from typing import Final

from lib.clock import Clock
from lib.highway.quota import DAY_S, Quota
from lib.store import Store

DAY_MS: Final = round(DAY_S * 1000)


class PooledQuotas:
    """Units spent of each source's quota in the running UTC day, over all processes that sync.

    Who spends learns what others spent: nothing is asked while nothing is spent. Between two syncs
    each process may spend what it knows of; and what a failed sync told is not told again, since
    the store may have counted it.
    """

    def __init__(self, quotas: Mapping[str, Quota], store: Store, clock: Clock) -> None:
        self._quotas = quotas
        self._store = store
        self._clock = clock
        self._day = 0
        self._known: dict[str, int] = {}

    async def sync(self) -> None:
        """Tell the store what was spent here since, and charge what others spent."""
        day = self._clock.now_ms() // DAY_MS
        if day != self._day:
            self._day, self._known = day, {}
        told = {name: units for name, quota in self._quotas.items() if (units := quota.untold())}
        if not told:
            return
        keys = {f"v1:spent:{name}:{day}": name for name in told}
        totals = await self._store.add_all(dict(zip(keys, told.values(), strict=True)), 2 * DAY_S)
        if totals is None or day != self._day:
            return
        for key, name in keys.items():
            before = self._known.get(name)
            others = max(0, totals[key] - told[name] - (before or 0))  # the store may forget
            # of those before our time only long periods remember anything
            self._quotas[name].charge(others, at_least_s=DAY_S if before is None else 0)
            self._known[name] = totals[key]
