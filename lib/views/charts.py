"""Bars as a chart shows them: the newest, the running one closing at the ticker's price."""

from dataclasses import replace
from typing import Final

import msgspec

from lib.context import Context
from lib.feeds import CANDLES, TICKERS
from lib.market import Candle, Candles, Pair, Ticker
from lib.queries import CandleQuery, PairQuery
from lib.sourced import Sourced
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.views.bars import fetch_bars

SIZES: Final = (200, 500, 1000)
"""The newest bars are fetched in these sizes, so that askers share them."""

RUNNING: Final = replace(
    TICKERS, fresh_s=CANDLES.fresh_s, stale_s=CANDLES.stale_s, keep_s=CANDLES.keep_s
)
"""Tickers as the close of a running bar: as old as the other bars may be."""


def newest_query(
    pair: Pair, timeframe: str, count: int, now_ms: int, until_ms: int | None = None
) -> CandleQuery:
    """The question for at least the newest `count` bars, up to the one that holds `until_ms`."""
    limit = next((size for size in SIZES if size >= count), count)
    past = until_ms is not None and open_of(until_ms, timeframe) + TIMEFRAME_MS[timeframe] <= now_ms
    end = open_of(until_ms, timeframe) if until_ms is not None and past else None
    return CandleQuery(pair, timeframe, limit, None, end)


async def read_newest(
    ctx: Context,
    pair: Pair,
    timeframe: str,
    count: int,
    *,
    until_ms: int | None = None,
    closed_only: bool = False,
) -> list[Candle]:
    """The newest bars, ascending; none where the pair trades but nobody has bars so old.

    Raises:
        InvalidSymbol: no source knows the pair.
    """
    query = newest_query(pair, timeframe, count + closed_only, ctx.clock.now_ms(), until_ms)
    bars = await read_bars(ctx, query)
    if closed_only:
        bars = [bar for bar in bars if bar.closed]
    return bars[-count:]


async def read_bars(ctx: Context, query: CandleQuery) -> list[Candle]:
    """The bars of a question. The running one closes at the ticker's price while both come from
    one source, so that chart and price agree.

    Raises:
        InvalidSymbol: no source knows the pair.
    """
    found = await fetch_bars(ctx, query)
    bars = list(found.bars)
    if bars and not bars[-1].closed:
        ticker = ctx.at_hand(TICKERS, PairQuery(query.pair))
        if ticker and ticker.source == source_of(ctx, found):
            _close_at(bars, found, ticker, ctx)
    return bars


def source_of(ctx: Context, found: Candles) -> str:
    """Who gave these very bars; empty if nobody did."""
    return next((part.sourced.source for part in ctx.parts if part.sourced.value is found), "")


def _close_at(bars: list[Candle], candles: Candles, ticker: Sourced[Ticker], ctx: Context) -> None:
    running, last = bars[-1], ticker.value.last
    step = TIMEFRAME_MS[candles.timeframe]
    if not running.open_ms <= ticker.as_of_ms < running.open_ms + step:
        return
    ctx.use(RUNNING, ticker, RUNNING.fresh_s)
    bars[-1] = msgspec.structs.replace(
        running, close=last, high=max(running.high, last), low=min(running.low, last)
    )
