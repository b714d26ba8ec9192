"""GET /api/ai/performance: what became of the forecasts and signals that were served."""

from typing import Annotated

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


class PerformanceRequest(Request):
    """Of which symbol, since how many days."""

    symbol: Annotated[
        str | None, Field(description="an asset or a pair; without one, all together")
    ] = None
    days: Annotated[int, Field(ge=1, le=3650)] = 90


class PerformanceReply(Reply, kw_only=True):
    """The record. `recording` is false while nothing is written, with the `reason`; `since` is
    when the oldest forecast or signal counted here was made."""

    recording: bool
    reason: str | None
    waiting: int
    lost: int
    since: IsoTime | None
    days: int
    recorded: int
    scored: int
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
    report, since_ms = build_report((), ()), None
    reason: str | None = NO_LEDGER
    ledger = ctx.ledger
    if ledger:
        reason = ledger.reason
        try:
            report, since_ms = await ledger.report(now_ms - request.days * DAY_MS, symbol)
        except Exception as error:  # whatever a driver raises: the record cannot be read
            reason = reason or f"the ledger cannot be read: {type(error).__name__}"
    return _reply(request, report, since_ms, reason, ctx)


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
