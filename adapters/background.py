"""What a long-lived process does beside answering: fetch ahead, keep score, keep limits in step."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from adapters.metrics import Metrics
from lib.errors import SourceError
from lib.feeds import CANDLES, COINS
from lib.ledger.faults import told
from lib.ledger.scoring import keep_score
from lib.market import Candles
from lib.queries import CandleQuery, Everything
from lib.runtime import Runtime
from lib.sourced import NoSource
from lib.timeframes import DAY_MS

COINS_EVERY_S: Final = 6 * 3600
REPORT_EVERY_S: Final = 600
REPORTED_MS: Final = 30 * DAY_MS

_log = logging.getLogger("dreammaker.server")


async def fetch_ahead(runtime: Runtime) -> None:
    """Fetch reference lists before anyone asks: which coins share a ticker."""
    while True:
        with suppress(NoSource, SourceError):  # logged where it failed; asked again later
            await runtime.highway.fetch(COINS, Everything())
        await asyncio.sleep(COINS_EVERY_S)


async def score(runtime: Runtime) -> None:
    """Judge recorded forecasts by the candles that followed."""
    assert runtime.ledger  # noqa: S101 - started only with one

    async def fetch(query: CandleQuery) -> Candles:
        return (await runtime.highway.fetch(CANDLES, query)).value

    await keep_score(runtime.ledger, fetch)


async def report(runtime: Runtime, metrics: Metrics) -> None:
    """Read now and then how good forecasts turned out to be: too much for every scrape."""
    assert runtime.ledger  # noqa: S101 - started only with one
    while True:
        since_ms = runtime.clock.now_ms() - REPORTED_MS
        try:
            metrics.report, _ = await runtime.ledger.report(since_ms)
        except Exception as error:  # whatever a driver raises; health tells of the ledger itself
            _log.warning("ledger.not_reported", extra={"why": told(error)})
        await asyncio.sleep(REPORT_EVERY_S)


async def keep_limits_in_step(runtime: Runtime) -> None:
    assert runtime.store  # noqa: S101 - started only with one
    runtime.count_together()
    by_command = runtime.settings.redis_url is None  # Upstash counts every command
    while True:
        await runtime.sync()
        if not by_command:
            await runtime.store.get("v1:alive")  # so that /health knows, even when nobody asks
        await asyncio.sleep(1)
