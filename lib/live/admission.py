"""Which symbols may be followed: those that some source lists."""

import asyncio
from collections.abc import Iterable
from typing import Final

from lib.feeds import TICKERS
from lib.highway.road import Highway
from lib.limits import Limiter
from lib.market import Pair
from lib.queries import PairQuery
from lib.sourced import NoSource

AT_ONCE: Final = 8
MOST_LOOKUPS: Final = 120  # a minute and caller, of symbols that nobody has asked for yet


class Admission:
    """Asks the highway, which knows most answers already."""

    def __init__(self, highway: Highway, limiter: Limiter) -> None:
        self._highway = highway
        self._limiter = limiter
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def refuse(self, pairs: Iterable[Pair], caller: str) -> dict[Pair, str]:
        """Those of the pairs that cannot be followed, and why."""
        strange = [pair for pair in pairs if not self._known(pair)]
        if strange:
            # the first look-up fetches a board, which answers for most of the others
            reasons = {strange[0]: await self._look_up(strange[0], caller)}
            rest = [pair for pair in strange[1:] if not self._known(pair)]
            found = await asyncio.gather(*(self._look_up(pair, caller) for pair in rest))
            reasons |= dict(zip(rest, found, strict=True))
            return {pair: reason for pair, reason in reasons.items() if reason}
        return {}

    def _known(self, pair: Pair) -> bool:
        return self._highway.at_hand(TICKERS, PairQuery(pair), any_age=True) is not None

    async def _look_up(self, pair: Pair, caller: str) -> str | None:
        verdict = self._limiter.take(f"live:{caller}", MOST_LOOKUPS)
        if not verdict.allowed:
            return f"too many unknown symbols; try again in {verdict.retry_after_s} s"
        try:
            async with self._turns:
                await self._highway.fetch(TICKERS, PairQuery(pair))
        except NoSource as error:
            # with every source down nobody knows: its listeners will be told how things stand
            return "no source lists it" if error.unknown else None
        return None
