"""The ledger's scoring under the emulator, over a store that holds a forecast which is due."""

import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from lib.clock import SystemClock
from lib.ledger.ledger import Ledger
from lib.ledger.records import ForecastRecord
from lib.runtime import choose_ledger
from lib.settings import Settings
from loopback import NotInstalled
from loopback.redis import RedisServer
from rehearsal.emulator import emulated
from rehearsal.events import schedule_event
from rehearsal.tools import Failed
from tests.upstash_rest import UpstashRest

HOUR_MS: Final = 3_600_000


def score_in_store(name: str, task: Path, layers: Path, env: Mapping[str, str]) -> None:
    """Run the function on a store with one forecast that is due. Where there is no redis-server to
    stand behind the store, that is said and left out.

    Raises:
        Failed: the forecast has no outcome afterwards, or is scored twice.
    """
    try:
        with ExitStack() as stack:
            redis = stack.enter_context(RedisServer())
            rest = stack.enter_context(UpstashRest(redis.port))
            store = {
                "UPSTASH_REDIS_REST_URL": rest.url,
                "UPSTASH_REDIS_REST_TOKEN": rest.token,
            }
            asyncio.run(_write(store))
            own = {**env, **store}
            handler = f"functions.{name}.handler"
            with emulated(f"{name}-in-store", handler, task, layers, own, 30) as function:
                said = [function.invoke(schedule_event())[0].get("scored") for _ in range(2)]
            scored = asyncio.run(_scored(store))
    except NotInstalled as missing:
        sys.stdout.write(f" left out: {missing} …")
        return
    if said != [1, 0] or scored != 1:
        raise Failed(f"scoring: of one forecast that is due it says {said}, the store {scored}")


async def _write(store: Mapping[str, str]) -> None:
    ledger = _ledger(store)
    await ledger.open()
    await ledger.record([_due()])
    if not await ledger.flush():
        raise Failed(f"scoring: the ledger does not record: {ledger.reason}")
    await ledger.aclose()


async def _scored(store: Mapping[str, str]) -> int:
    """How many forecasts the store holds with what came of them."""
    ledger = _ledger(store)
    report, _ = await ledger.report(0)
    await ledger.aclose()
    return report.scored


def _ledger(store: Mapping[str, str]) -> Ledger:
    ledger = choose_ledger(Settings.load(store), SystemClock(), disk=False)
    if ledger is None:
        raise Failed("scoring: with a store there is no ledger")
    return ledger


def _due() -> ForecastRecord:
    """A forecast of an hour that is over."""
    due_ms = time.time_ns() // 1_000_000 // HOUR_MS * HOUR_MS - HOUR_MS
    return ForecastRecord(
        id=f"live|rehearsal|BTC/USDT|1h|1|{due_ms - HOUR_MS}",
        world="live",
        model="rehearsal",
        symbol="BTC/USDT",
        timeframe="1h",
        horizon=1,
        origin_ms=due_ms - HOUR_MS,
        due_ms=due_ms,
        price=100.0,
        quantiles=(90.0, 92.0, 94.0, 97.0, 100.0, 103.0, 106.0, 108.0, 110.0),
        reference_sigma=0.01,
        probability_up=0.5,
        served_ms=due_ms - HOUR_MS,
    )
