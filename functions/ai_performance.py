"""GET /api/ai/performance: what became of the forecasts and signals that were served."""

import logging
from typing import Annotated

from msgspec import structs
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.ledger.chances import Bin
from lib.ledger.ledger import NO_LEDGER
from lib.ledger.report import ForecastScore, Report, SignalScore, build_report
from lib.timeframes import DAY_MS
from lib.units import IsoTime, UnixMs

_log = logging.getLogger("dreammaker.ledger")


class PerformanceRequest(Request):
    """Of which symbol, since how many days."""

    symbol: Annotated[
        str | None, Field(description="an asset or a pair; without one, all together")
    ] = None
    days: Annotated[int, Field(ge=1, le=3650)] = 90


class PerformanceReply(Reply, kw_only=True):
    """The record. `recording` is false while nothing is written, with the `reason`; `since` is
    when the oldest forecast or signal counted here was made. Of a ledger that cannot be read the
    counts are null."""

    recording: bool
    reason: str | None
    waiting: int
    lost: int
    since: IsoTime | None
    days: int
    recorded: int | None
    scored: int | None
    forecasts: list[ForecastScore]
    forecasts_by_symbol: list[ForecastScore]
    signals: list[SignalScore]
    signals_by_symbol: list[SignalScore]
    direction_reliability: list[Bin]
    signal_reliability: list[Bin]
    timestamp: UnixMs


async def ai_performance(request: PerformanceRequest, ctx: Context) -> PerformanceReply:
    """Coverage, CRPS against a random walk, hit rate, Brier score, calibration error and
    reliability of what was served, each forecast and signal counted once, by model, time frame,
    horizon and symbol.

    What is too young to be judged is in `recorded`, not in `scored`.
    """
    now_ms = ctx.clock.now_ms()
    symbol = str(ctx.read_symbol(request.symbol).pair) if request.symbol else None
    report, since_ms, readable = build_report((), ()), None, True
    reason: str | None = NO_LEDGER
    ledger = ctx.ledger
    if ledger:
        reason = ledger.reason
        try:
            report, since_ms = await ledger.report(now_ms - request.days * DAY_MS, symbol)
        except Exception as error:  # whatever a driver raises: the record cannot be read
            _log.warning("ledger.not_reported", extra={"why": type(error).__name__})
            readable = False
            reason = reason or f"the ledger cannot be read: {type(error).__name__}"
    reply = _reply(request, report, since_ms, reason, ctx)
    return reply if readable else structs.replace(reply, recorded=None, scored=None)


def _reply(
    request: PerformanceRequest,
    report: Report,
    since_ms: int | None,
    reason: str | None,
    ctx: Context,
) -> PerformanceReply:
    ledger = ctx.ledger
    return PerformanceReply(
        recording=reason is None,
        reason=reason,
        waiting=ledger.waiting if ledger else 0,
        lost=ledger.lost if ledger else 0,
        since=iso_utc(since_ms) if since_ms is not None else None,
        days=request.days,
        recorded=report.recorded,
        scored=report.scored,
        forecasts=report.forecasts,
        forecasts_by_symbol=report.forecasts_by_symbol,
        signals=report.signals,
        signals_by_symbol=report.signals_by_symbol,
        direction_reliability=report.direction_reliability,
        signal_reliability=report.signal_reliability,
        timestamp=ctx.clock.now_ms(),
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ai/performance",
        request=PerformanceRequest,
        reply=PerformanceReply,
        call=ai_performance,
        tag="AI",
        cached=False,
        bundle="ai",
    ),
)
handler = lambda_handler(*endpoints)
