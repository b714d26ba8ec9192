"""What AI endpoints share: closed candles of a pair, what the models say of them, the record."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from msgspec import structs

from lib.context import Context
from lib.errors import InsufficientData
from lib.feeds import CANDLES, FORECASTS
from lib.ledger.ledger import NO_LEDGER
from lib.ledger.recalibration import recalibrated
from lib.ledger.records import Record, records_of, signal_records
from lib.market import Candle, Pair
from lib.outlook import Forecast, Indicators, Levels, Signal
from lib.queries import CandleQuery, ForecastQuery
from lib.views.fallback import why_fallen_back

if TYPE_CHECKING:
    from lib.analysis.series import Bars

Timeframe = Literal["1h", "4h", "1d"]

LEAST: Final = 50
"""Closed candles with trades: with fewer, nothing is said."""

FETCHED: Final = 1000
"""More than the models look back on, and a size that charts ask for as well."""

REMOTE: Final = "huggingface:"
"""How names of models begin whose quantiles are a stranger's."""

BARS: Final = replace(CANDLES, fresh_s=120, stale_s=600, keep_s=3600)
"""Candles as AI endpoints need them."""


async def fetch_closed(ctx: Context, pair: Pair, timeframe: str) -> tuple[Candle, ...]:
    """The newest closed candles, oldest first.

    Raises:
        InsufficientData: fewer than 50 of them have trades.
        InvalidSymbol: no source knows the pair.
    """
    found = await ctx.fetch(BARS, CandleQuery(pair, timeframe, FETCHED), symbol=str(pair))
    if found.pair.quote != pair.quote:
        ctx.note(quoted_in=found.pair.quote)
    closed = tuple(bar for bar in found.bars if bar.closed)
    have = sum(1 for bar in closed if not bar.filled and bar.volume is not None)
    if have < LEAST:
        raise InsufficientData(
            f"{pair} has {have} closed {timeframe} candles with trades; {LEAST} are needed",
            {"symbol": str(pair), "timeframe": timeframe, "have": have, "need": LEAST},
        )
    return closed


async def fetch_forecast(
    ctx: Context,
    pair: Pair,
    timeframe: str,
    candles: tuple[Candle, ...],
    horizon: int = 24,
    interval: float = 0.8,
) -> Forecast:
    """What the models expect; recorded before it is returned.

    A remote model's spread is set right by its own record; what it said itself is recorded beside
    what is served, as a model whose name ends in `:raw`.
    """
    query = ForecastQuery(pair, timeframe, horizon, interval, candles)
    found = await ctx.fetch(FORECASTS, query)
    failed = why_fallen_back(ctx, FORECASTS)
    if failed:
        found = structs.replace(found, degraded=True, fallback_reason=failed)
    said = [found]
    if found.model.startswith(REMOTE) and ctx.ledger:
        raw = structs.replace(found, model=f"{found.model}:raw")
        factors = await ctx.ledger.experience.factors(raw.model, timeframe)
        if factors:
            found = recalibrated(found, factors)
        said = [found, raw]
    await _record(
        ctx,
        lambda world, now_ms: [
            record for one in said for record in records_of(one, str(pair), candles, world, now_ms)
        ],
    )
    return found


async def weigh_signals(
    ctx: Context, timeframe: str, batch: dict[str, tuple[Candle, ...]]
) -> list[Signal]:
    """One signal a symbol, in the batch's order; recorded before they are returned."""
    if not batch:
        return []
    made = await asyncio.to_thread(_signals, timeframe, list(batch), list(batch.values()))
    await _record(ctx, lambda world, now_ms: signal_records(made, world, now_ms))
    return made


async def read_chart(
    timeframe: str, candles: Sequence[Candle]
) -> tuple[Indicators, Levels, tuple[str, ...]]:
    """Indicators, support and resistance, and the sentences that follow from the indicators."""
    return await asyncio.to_thread(_chart, timeframe, candles)


async def _record(ctx: Context, make: Callable[[str, int], Sequence[Record]]) -> None:
    """Write what is about to be said; where that cannot be done the reply says so."""
    ledger = ctx.ledger
    if ledger is None:
        ctx.note(unrecorded=NO_LEDGER)
        return
    await ledger.record(make(ledger.world, ctx.clock.now_ms()))
    if ledger.reason:
        ctx.note(unrecorded=f"the ledger does not record: {ledger.reason}")


def _signals(timeframe: str, symbols: list[str], batch: Sequence[Sequence[Candle]]) -> list[Signal]:
    from lib.analysis.embedded import embedded_forecaster
    from lib.analysis.signals import signals

    forecaster = embedded_forecaster()
    return signals(forecaster.judge(batch, timeframe), symbols, forecaster.barriers(timeframe))


def _chart(timeframe: str, candles: Sequence[Candle]) -> tuple[Indicators, Levels, tuple[str, ...]]:
    from lib.analysis.levels import find_levels
    from lib.analysis.reading import read_indicators, reasons
    from lib.analysis.series import lay_out

    bars: Bars = lay_out([candles], timeframe)
    seen = read_indicators(bars)
    return seen, find_levels(bars), reasons(seen, candles[-1].close)
