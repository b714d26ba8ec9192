"""Python's garbage collector, so that no pass of it stops a server with thousands of connections.

A full pass looks at everything that lives: with 9,500 sockets half a second, in which nobody is
served. What such a pass found alive is mostly there to stay; so it is set aside, and the next one
looks at what came since. Whatever is let go without circles is freed all the same.
"""

import gc
import time
from typing import Any, Final

LONG_S: Final = 0.008
"""A pass that took longer than this is not made again over the same things."""

THOROUGH_S: Final = 6 * 3600.0
"""After which what was set aside is looked at once more: circles may have died in it."""


class Collector:
    """Sets aside what full passes find alive, from `begin` to `end`."""

    def __init__(self, long_s: float = LONG_S, thorough_s: float = THOROUGH_S) -> None:
        self._long_s = long_s
        self._thorough_s = thorough_s
        self._pass_at = 0.0
        self._thorough_at = 0.0

    def begin(self) -> None:
        """Modules and tables are there by now, and live as long as the process."""
        gc.collect()
        gc.freeze()
        self._thorough_at = time.monotonic() + self._thorough_s
        gc.callbacks.append(self._heed)

    def end(self) -> None:
        """Leave the collector as it was."""
        gc.callbacks.remove(self._heed)
        gc.unfreeze()

    def _heed(self, phase: str, about: dict[str, Any]) -> None:
        if about["generation"] < 2:
            return
        now = time.monotonic()
        if phase == "start":
            self._pass_at = now
        elif now >= self._thorough_at:
            self._thorough_at = now + self._thorough_s
            gc.unfreeze()
        elif now - self._pass_at >= self._long_s:
            gc.freeze()
