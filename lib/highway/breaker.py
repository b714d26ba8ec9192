"""Circuit breaker: stop asking who keeps failing, and try again with one probe at a time."""

from collections import deque
from typing import Literal

from lib.clock import Clock

State = Literal["closed", "open", "half_open"]

WINDOW_S = 30.0
LEAST_FAILURES = 3
FAILURE_RATE = 0.5
OPEN_S = 5.0


class Breaker:
    """Opens when at least three calls, and at least half, of the last 30 s failed.

    After 5 s it lets one probe through: a success closes it, a failure opens it for 5 s more.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=64)
        self._open_until: float | None = None
        self._probe_until = 0.0

    @property
    def state(self) -> State:
        """Closed: calls pass. Open: none does. Half open: a probe may."""
        if self._open_until is None:
            return "closed"
        return "open" if self._clock.monotonic() < self._open_until else "half_open"

    def allow(self) -> bool:
        """Whether a call may be made now; in half open, the caller becomes the probe."""
        state = self.state
        if state == "half_open":
            now = self._clock.monotonic()
            if now < self._probe_until:
                return False
            self._probe_until = now + OPEN_S  # should the probe get lost, another may follow
            return True
        return state == "closed"

    def success(self) -> None:
        """A call ended well."""
        if self._open_until is not None and self.state == "half_open":
            self._outcomes.clear()
            self._open_until = None
        self._probe_until = 0.0
        self._note(failed=False)

    def failure(self) -> None:
        """A call failed."""
        self._note(failed=True)
        if self._open_until is not None:
            self._open_for(OPEN_S)
            return
        failures = sum(failed for _, failed in self._outcomes)
        if failures >= LEAST_FAILURES and failures >= FAILURE_RATE * len(self._outcomes):
            self._open_for(OPEN_S)

    def _open_for(self, seconds: float) -> None:
        self._open_until = self._clock.monotonic() + seconds
        self._probe_until = 0.0

    def _note(self, *, failed: bool) -> None:
        now = self._clock.monotonic()
        self._outcomes.append((now, failed))
        while self._outcomes[0][0] < now - WINDOW_S:
            self._outcomes.popleft()
