"""What the shared router of Hugging Face may cost in a month."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from lib.clock import Clock

ROUTER: Final = "router.huggingface.co"
USD_PER_S: Final = 0.00012
"""The price of a second of compute in the router's own example (huggingface.co/docs,
inference-providers/pricing). We count the seconds that we waited, which are never fewer."""


def is_metered(url: str) -> bool:
    """Whether each request costs; a dedicated endpoint costs by the hour, asked or not."""
    return urlsplit(url).hostname == ROUTER


class Spend:
    """Counts this process's requests of the month against a cap. Several processes may each spend
    it: the account's own limit is the last word."""

    def __init__(self, clock: Clock, monthly_usd: float) -> None:
        self._clock = clock
        self._cap = monthly_usd
        self._month = ""
        self.usd = 0.0

    def affords(self) -> bool:
        """Whether another request may be made."""
        self._turn()
        return self.usd < self._cap

    def add(self, seconds: float) -> None:
        """A request took so long."""
        self._turn()
        self.usd += max(0.0, seconds) * USD_PER_S

    def _turn(self) -> None:
        month = f"{datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC):%Y-%m}"
        if month != self._month:
            self._month, self.usd = month, 0.0
