"""GET /api/ai/signals: trades that the models weigh, with their odds."""

import asyncio
from typing import Annotated, ClassVar

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import ApiError, UpstreamUnavailable
from lib.feeds import TICKERS
from lib.market import DOLLARS, Candle, Pair
from lib.outlook import Call, Indicators, Signal
from lib.queries import PairQuery
from lib.units import IsoTime, PairName, Price, UnixMs
from lib.views.foresight import BARS, Timeframe, fetch_closed, weigh_signals

WATCHED = 20
"""So many of the largest assets are weighed when none is named."""

PATIENCE_S = 1.3
"""How long one asset may keep the others waiting: the reply is due within two seconds."""


class SignalsRequest(Request):
    """Of which symbol, on which bars, how sure, how many."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[
        str | None, Field(description="an asset or a pair; without one, the largest assets")
    ] = None
    timeframe: Timeframe = "1h"
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    limit: Annotated[int, Field(ge=1, le=100)] = 10


class SignalView(Struct, kw_only=True):
    """A trade at the last close. `confidence` is the calibrated chance that the price reaches the
    target before the stop within `horizon` bars; `expected_r` what the trade gains on average in
    units of its risk, `expected_r_net` after `cost_bps`. A hold says why in `reason`, and shows
    the better of both sides."""

    id: str
    symbol: PairName
    type: Call
    side: Call
    confidence: float
    score: float
    timeframe: str
    horizon: int
    entry_price: Price
    target_price: Price | None
    stop_loss: Price | None
    risk_reward: float | None
    expected_r: float | None
    expected_r_net: float | None
    cost_bps: float
    probability_stop: float
    probability_timeout: float
    model: str
    reasoning: list[str]
    reason: str | None
    indicators: "IndicatorView"
    timestamp: UnixMs
    created_at: IsoTime
    expires_at: UnixMs


class IndicatorView(Struct, kw_only=True):
    """What the reasoning rests on; `/api/ai/indicators` has them all."""

    rsi: float | None
    macd: str | None
    volume_profile: str | None
    trend: str | None
    adx: float | None
    atr: float | None
    volume_ratio: float | None


class SignalsReply(Reply, kw_only=True):
    """Those to act on first, then by their expected gain."""

    timestamp: UnixMs
    signals: list[SignalView]
    count: int


async def ai_signals(request: SignalsRequest, ctx: Context) -> SignalsReply:
    """Trading signals from calibrated odds of target before stop, both set by ATR.

    No edge after costs is a `hold` that says so.
    """
    if request.symbol:
        pair = ctx.read_symbol(request.symbol).pair
        batch = {str(pair): await fetch_closed(ctx, pair, request.timeframe)}
    else:
        batch = await _largest(ctx, request.timeframe)
    found = await weigh_signals(ctx, request.timeframe, batch)
    sure = [signal for signal in found if signal.confidence >= request.min_confidence]
    sure.sort(key=lambda s: (s.type == "hold", -(s.expected_r_net or -1.0), s.symbol))
    views = [_view(signal) for signal in sure[: request.limit]]
    _say_missing(ctx, views)
    now_ms = max((signal.time_ms for signal in found), default=ctx.clock.now_ms())
    return SignalsReply(timestamp=now_ms, signals=views, count=len(views))


async def _largest(ctx: Context, timeframe: str) -> dict[str, tuple[Candle, ...]]:
    """Candles of the largest assets that trade; one that has none is noted and left out."""
    pairs = [Pair(asset.symbol, "USDT") for asset in ctx.assets if asset.symbol not in DOLLARS]
    board = await ctx.board_or_none(TICKERS, BARS.fresh_s)
    if board is not None:
        pairs = [pair for pair in pairs if any(key in board for key in PairQuery(pair).keys)]
    pairs = pairs[:WATCHED]
    found = await gather(*(_closed_or_none(ctx, pair, timeframe) for pair in pairs))
    batch = {str(pair): bars for pair, bars in zip(pairs, found, strict=True) if bars}
    if not batch:
        raise UpstreamUnavailable(
            "No candles of any asset can be had at the moment",
            {"sources": {name: ctx.missing[name] for name in sorted(ctx.missing)}},
        )
    return batch


async def _closed_or_none(ctx: Context, pair: Pair, timeframe: str) -> tuple[Candle, ...] | None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await fetch_closed(ctx, pair, timeframe)
    except ApiError as error:
        failed = isinstance(error, UpstreamUnavailable)
        ctx.lacks(f"signals[{pair}]", error.message, failed=failed)
    except TimeoutError:  # it is not called off: the next reply has it
        ctx.lacks(f"signals[{pair}]", "no answer in time", failed=True)
    return None


def _say_missing(ctx: Context, views: list[SignalView]) -> None:
    for field in ("target_price", "stop_loss", "risk_reward", "expected_r", "expected_r_net"):
        if any(getattr(view, field) is None for view in views):
            ctx.lacks(f"signals[].{field}", "no target and stop can be set: reason says why")
    if any(view.reason is None for view in views):
        ctx.lacks("signals[].reason", "it is no hold")
    for field in IndicatorView.__struct_fields__:
        if any(getattr(view.indicators, field) is None for view in views):
            ctx.lacks(f"signals[].indicators.{field}", "too little history, or nothing moved")


def _view(signal: Signal) -> SignalView:
    return SignalView(
        id=signal.id,
        symbol=signal.symbol,
        type=signal.type,
        side=signal.side,
        confidence=signal.confidence,
        score=signal.score,
        timeframe=signal.timeframe,
        horizon=signal.horizon,
        entry_price=signal.entry_price,
        target_price=signal.target_price,
        stop_loss=signal.stop_loss,
        risk_reward=signal.risk_reward,
        expected_r=signal.expected_r,
        expected_r_net=signal.expected_r_net,
        cost_bps=signal.cost_bps,
        probability_stop=signal.probability_stop,
        probability_timeout=signal.probability_timeout,
        model=signal.model,
        reasoning=list(signal.reasoning),
        reason=signal.reason,
        indicators=_indicators(signal.indicators),
        timestamp=signal.time_ms,
        created_at=iso_utc(signal.time_ms),
        expires_at=signal.expires_ms,
    )


def _indicators(seen: Indicators) -> IndicatorView:
    return IndicatorView(
        rsi=seen.rsi,
        macd=seen.macd_state,
        volume_profile=seen.volume_profile,
        trend=seen.trend,
        adx=seen.adx,
        atr=seen.atr,
        volume_ratio=seen.volume_ratio,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ai/signals",
        request=SignalsRequest,
        reply=SignalsReply,
        call=ai_signals,
        feeds=(TICKERS, BARS),
        tag="AI",
        bundle="ai",
        memory_mb=1024,
    ),
)
handler = lambda_handler(*endpoints)
