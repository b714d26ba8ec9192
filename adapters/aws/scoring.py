"""The ledger's scoring on Lambda, where no background task does it: called by the clock."""

import logging
import os
from typing import TYPE_CHECKING, Any

from adapters.aws.function import Answer, Event, EventHandler, Handle, build_function_runtime
from lib.feeds import CANDLES
from lib.market import Candles
from lib.queries import CandleQuery
from lib.trigger import Trigger

if TYPE_CHECKING:
    from lib.runtime import Runtime

_log = logging.getLogger("dreammaker.ledger")


def scoring_handler(trigger: Trigger) -> EventHandler:
    """The handler of the scoring."""

    def build() -> Handle:
        # a composition root of Lambda: what `Settings.load()` reads by itself has secrets joined
        runtime = build_function_runtime(trigger, os.environ)

        async def handle(_event: Event, _context: Any) -> Answer:
            return await score(runtime)

        return handle

    return EventHandler(build)


async def score(runtime: "Runtime") -> Answer:
    """Judge what is due by the candles that followed; how many records that were.

    Raises:
        Exception: whatever the ledger's book says when it cannot be read or written.
    """
    from lib.ledger.scoring import score_due

    if runtime.ledger is None:
        _log.warning("ledger.absent", extra={"why": "no store is set, and there is no disk"})
        return {"statusCode": 503, "scored": None}

    async def fetch(query: CandleQuery) -> Candles:
        return (await runtime.highway.fetch(CANDLES, query)).value

    scored = await score_due(runtime.ledger, fetch)
    await runtime.sync()  # what sources were asked counts for all
    _log.info("ledger.scored", extra={"records": scored})
    return {"statusCode": 200, "scored": scored}
