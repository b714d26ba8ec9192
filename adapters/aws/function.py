"""A function of Lambda that no HTTP request reaches: what AWS calls, and the service behind it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lib.trigger import Trigger

if TYPE_CHECKING:  # what a function is made of is imported at its first event
    from lib.runtime import Runtime

Event = dict[str, Any]
Answer = dict[str, Any]
Handle = Callable[[Event, Any], Awaitable[Answer]]

SPARE_S: Final = 1.0
"""So long before its time is over, a function has answered or given up."""

_log = logging.getLogger("dreammaker.lambda")


class EventHandler:
    """What AWS calls. It is built at the first event and kept, with its loop, between events; it
    never raises: hosts show an exception as a time-out, or try the same again."""

    def __init__(self, build: Callable[[], Handle]) -> None:
        self._build = build
        self._handle: Handle | None = None
        self._runner: asyncio.Runner | None = None

    def __call__(self, event: Event, context: Any) -> Answer:
        try:
            if self._handle is None or self._runner is None:
                self._handle = self._build()
                self._runner = asyncio.Runner()
            return self._runner.run(_in_time(self._handle, event, context))
        except Exception:
            _log.exception("lambda.failed")
            return {"statusCode": 500}

    def close(self) -> None:
        """End its loop."""
        if self._runner is not None:
            self._runner.close()
            self._runner = None


async def _in_time(handle: Handle, event: Event, context: Any) -> Answer:
    try:
        async with asyncio.timeout(left_s(context)):
            return await handle(event, context)
    finally:
        await _end_the_rest()


async def _end_the_rest() -> None:
    """End what is under way still: a frozen process finishes nothing, and what is thawed a minute
    later would take that minute for a source's delay."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=SPARE_S / 2)


def left_s(context: Any) -> float:
    """Seconds until a function must have answered."""
    return float(context.get_remaining_time_in_millis()) / 1000 - SPARE_S


def build_function_runtime(trigger: Trigger, environ: Mapping[str, str]) -> "Runtime":
    """The service as this function needs it; secrets are read from SSM if so configured.

    Raises:
        SettingsError: a variable has a value that it cannot have.
    """
    import ssl

    from adapters.aws.secrets import read_secrets, trigger_secrets
    from lib.log import set_up_logging
    from lib.runtime import build_runtime, choose_ledger
    from lib.settings import Settings

    tls = ssl.create_default_context()  # once: it is dear
    secrets = read_secrets(environ, trigger_secrets(trigger), tls=tls)
    settings = Settings.load(secrets | {k: v for k, v in environ.items() if v.strip()})
    set_up_logging("debug" if settings.debug else settings.log_level, settings.secrets())
    names = [source for feed in trigger.feeds for source in feed.sources]
    runtime = build_runtime(settings, names=names, inline=True, tls=tls)
    runtime.ledger = choose_ledger(settings, runtime.clock, disk=False)
    runtime.count_together()
    return runtime
