"""What the shared router of Hugging Face may cost in a month."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from lib.clock import Clock
from lib.store import Store

ROUTER: Final = "router.huggingface.co"
USD_PER_S: Final = 0.00012
"""The price of a second of compute in the router's own example (huggingface.co/docs,
inference-providers/pricing). We count the seconds that we waited, which are never fewer."""

_KEPT_S: Final = 40 * 86_400.0
_MICRO: Final = 1_000_000


def is_metered(url: str) -> bool:
    """Whether each request costs; a dedicated endpoint costs by the hour, asked or not."""
    return urlsplit(url).hostname == ROUTER


class Spend:
    """Counts the month's requests against a cap, together with other processes where there is a
    store; else each may spend it, and a restart forgets. The account's own limit is the last word.
    """

    def __init__(self, clock: Clock, monthly_usd: float, store: Store | None = None) -> None:
        self.cap_usd = monthly_usd
        self._clock = clock
        self._store = store
        self._month = ""
        self._micro_usd = 0
        self._asked = False

    @property
    def usd(self) -> float:
        """What was spent in the running month, as far as this process knows."""
        self._turn()
        return self._micro_usd / _MICRO

    async def affords(self) -> bool:
        """Whether another request may be made."""
        self._turn()
        if self._store and not self._asked:  # a new process knows nothing of the month yet
            await self._count(0)
        return self.usd < self.cap_usd

    async def add(self, seconds: float) -> None:
        """A request took so long."""
        self._turn()
        await self._count(round(max(0.0, seconds) * USD_PER_S * _MICRO))

    async def _count(self, micro_usd: int) -> None:
        self._micro_usd += micro_usd
        if self._store is None:
            return
        total = await self._store.add(f"v1:hf:spent:{self._month}", micro_usd, _KEPT_S)
        if total is not None:
            self._micro_usd, self._asked = max(self._micro_usd, total), True

    def _turn(self) -> None:
        month = f"{datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC):%Y-%m}"
        if month != self._month:
            self._month, self._micro_usd, self._asked = month, 0, False
