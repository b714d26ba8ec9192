"""The sandbox's time: the wall clock, moved or stopped."""

import time


class SandboxClock:
    """Unix milliseconds when called: the wall's plus `offset_ms`, or `fixed_ms` until advanced."""

    def __init__(self, *, fixed_ms: int | None = None, offset_ms: int = 0) -> None:
        self._fixed_ms = fixed_ms
        self._offset_ms = offset_ms

    def __call__(self) -> int:
        start = time.time_ns() // 1_000_000 if self._fixed_ms is None else self._fixed_ms
        return start + self._offset_ms

    def advance(self, seconds: float) -> None:
        """Move on by so much, beside the time that passes by itself."""
        self._offset_ms += round(seconds * 1000)
