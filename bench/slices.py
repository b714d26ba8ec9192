"""The longest slice of the event loop on any path, a 6 MB exchange-info included. Row 8.

    python -m bench.slices

Every GET endpoint is asked cold, and again when its values are stale, on sources that are a real
server on loopback. Each callback's CPU time is measured as the loop runs it: a slice is what
everybody else waits for. Sockets have their own benchmark.

Takes some 10 seconds. Ends with 0 whatever goal is missed.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Callable

from adapters.asgi import create_app
from bench.goals import Finding, show
from bench.inside import NAMES, SteppedClock, ask
from bench.upstreams import SharedTime, upstream
from functions import load_endpoints
from lib.command import command
from lib.runtime import build_runtime
from lib.settings import Settings
from rehearsal.questions import question_for

MOST_MS = 10.0
LARGE_BYTES = 6_000_000


def main() -> None:
    """Measure, and print the paths with the longest slices."""
    command(__doc__).parse_args()
    show(measure(tell=10))


def measure(tell: int = 0) -> list[Finding]:
    """The longest slice of all, and that of the large body."""
    logging.disable(logging.ERROR)  # what the sandbox does not play, fails
    clock = SharedClock(int(time.time() * 1000))  # the questions name this week's dates
    with upstream(large_bytes=LARGE_BYTES, shared=clock.shared) as root:
        longest = asyncio.run(_ask_all(root, clock))
    ranked = sorted(longest.items(), key=lambda item: -item[1][0])
    for target, (ms, where) in ranked[:tell]:
        print(f"{ms:8.2f} ms  {target:<60} {where}")
    worst, (ms, where) = ranked[0]
    large = longest["/api/exchange-info"][0]
    size = f"{LARGE_BYTES / 1e6:.0f} MB upstream"
    return [
        Finding(
            8, "the longest slice of any path", f"{worst.split('?')[0]}", ms, MOST_MS, True, "ms"
        ),
        Finding(8, "the longest slice of exchange-info", size, large, MOST_MS, True, "ms"),
    ]


class SharedClock(SteppedClock):
    """Stepped time that the sources go by too."""

    def __init__(self, now_ms: int) -> None:
        super().__init__(now_ms)
        self.shared = SharedTime(now_ms)

    def advance(self, seconds: float) -> None:
        """Let time pass in both processes."""
        super().advance(seconds)
        self.shared.value.value = self.now_ms()


class Watch:
    """Times every callback of the loop, in CPU of its thread."""

    def __init__(self) -> None:
        self.longest_ms, self.where = 0.0, ""
        self._run = asyncio.Handle._run  # noqa: SLF001 - what the loop calls

    def reset(self) -> None:
        """Forget what was seen."""
        self.longest_ms, self.where = 0.0, ""

    def __enter__(self) -> "Watch":
        run: Callable[[asyncio.Handle], None] = self._run

        def timed(handle: asyncio.Handle) -> None:
            task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]  # noqa: SLF001
            told = repr(task)
            began = time.thread_time()
            run(handle)
            took_ms = (time.thread_time() - began) * 1000
            if took_ms > self.longest_ms:
                self.longest_ms, self.where = took_ms, told[:200]

        asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]  # noqa: SLF001
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.Handle._run = self._run  # type: ignore[method-assign]  # noqa: SLF001


async def _ask_all(root: str, clock: SteppedClock) -> dict[str, tuple[float, str]]:
    bases = {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in NAMES}
    runtime = build_runtime(Settings.load({"RATE_LIMIT_IP": "0", **bases}), clock=clock, hedge_s=60)
    endpoints = load_endpoints()
    app = create_app(endpoints, runtime)
    targets = [
        question_for(one).target
        for one in endpoints
        if one.method == "GET" and one.auth == "public"
    ]
    for target in targets:  # imports and models that are loaded once belong to the start
        await ask(app, target)
    gc.collect()
    gc.freeze()
    longest: dict[str, tuple[float, str]] = {}
    with Watch() as watch:
        for target in targets:
            for age_s in (10 * 86400.0, 90.0):  # cold; then stale, refreshed behind the answer
                clock.advance(age_s)
                watch.reset()
                await ask(app, target, b"gzip")
                await _quiet()
                path = target.split("?")[0]
                longest[path] = max(longest.get(path, (0.0, "")), (watch.longest_ms, watch.where))
    await runtime.aclose()
    return longest


async def _quiet() -> None:
    """Wait for what goes on behind the answer."""
    me = asyncio.current_task()
    while others := asyncio.all_tasks() - {me}:
        await asyncio.wait(others, timeout=1)


if __name__ == "__main__":
    main()
