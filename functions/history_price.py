"""GET /api/history/price/{symbol}: an asset's price over a stretch of the past."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter, RangeTooLarge
from lib.feeds import CANDLES, CAPS
from lib.market import Candle, CapPoint, Pair
from lib.months import by_month, month_close, month_open
from lib.queries import RangeQuery
from lib.timeframes import DAY_MS, TIMEFRAME_MS, open_of
from lib.units import AssetName, Money, Price, QuoteVolume, UnixMs
from lib.views.bars import fetch_bars, range_query

MOST_POINTS = 1000
LATEST_MS = 9_999_999_999_999
FIRST_TRADE_MS = 1_262_304_000_000  # 2010-01-01: before it no venue traded any of this
SHORTEST_MONTH_MS = 28 * DAY_MS
STRETCH_MS = MOST_POINTS * DAY_MS

BARS = replace(CANDLES, fresh_s=300, stale_s=3600)
"""Candles as a history needs them: less young than on a chart."""


class HistoryRequest(Request):
    """Which asset, from when to when, how fine."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    from_: Annotated[
        int, Field(ge=0, le=LATEST_MS, alias="from", description="a Unix time in milliseconds")
    ]
    to: Annotated[int, Field(ge=0, le=LATEST_MS, description="a Unix time in milliseconds")]
    interval: Literal["1h", "1d", "1w", "1M"] = "1d"


class HistoryPoint(Struct):
    """A bar's open time, its closing price, its volume, and the market cap about then."""

    timestamp: UnixMs
    price: Price
    volume: QuoteVolume | None
    market_cap: Money | None


class HistoryReply(Reply, kw_only=True):
    """Points in time order, the running bar last if the range reaches it."""

    symbol: AssetName
    interval: str
    data: list[HistoryPoint]


async def history_price(request: HistoryRequest, ctx: Context) -> HistoryReply:
    """Closing prices of every bar that opens in [from, to], with quote volume.

    Market caps come from the one free source that keeps them, for the last 365 days; elsewhere
    they are null. At most 1000 points.
    """
    spoken = ctx.read_symbol(request.symbol)
    _check_range(request)
    wanted = _caps_query(request, spoken.pair.base, ctx.clock.now_ms())
    found, history = await gather(
        _bars(request, ctx, spoken.pair),
        ctx.fetch_or_none(CAPS, wanted, "data[].market_cap"),
    )
    points = _points(found, history.points if history else (), request.interval)
    if not points:
        ctx.lacks("data", "no source has bars in this range")
    if any(point.volume is None for point in points):
        ctx.lacks("data[].volume", f"{ctx.source_of(CANDLES)} states no quote volume")
    if history and any(point.market_cap is None for point in points):
        ctx.lacks("data[].market_cap", "not kept for the whole range by any free source")
    return HistoryReply(symbol=spoken.echo, interval=request.interval, data=points)


def _check_range(request: HistoryRequest) -> None:
    if request.from_ >= request.to:
        raise InvalidParameter.of("to", request.to, f"a time after from ({request.from_})")
    step = TIMEFRAME_MS.get(request.interval, SHORTEST_MONTH_MS)
    first, last = request.from_, request.to
    if request.interval != "1M":
        first, last = _first_open(first, request.interval), open_of(last, request.interval)
    if (last - first) // step >= MOST_POINTS:
        raise RangeTooLarge(
            f"This range holds more than {MOST_POINTS} points of {request.interval}",
            {
                "max_points": MOST_POINTS,
                "max_range_ms": (MOST_POINTS - 1) * step,
                "interval": request.interval,
            },
        )


async def _bars(request: HistoryRequest, ctx: Context, pair: Pair) -> list[Candle]:
    now_ms = ctx.clock.now_ms()
    if request.interval != "1M":
        query = range_query(pair, request.interval, request.from_, request.to, MOST_POINTS, now_ms)
        return list((await fetch_bars(ctx, query, BARS)).bars)
    # months are not made of weeks: days, in stretches that sources can give at once
    first = max(month_open(request.from_), FIRST_TRADE_MS)
    last = min(month_close(request.to), now_ms) - 1
    stretches = [
        range_query(pair, "1d", at, min(at + STRETCH_MS - 1, last), MOST_POINTS, now_ms)
        for at in range(first, last + 1, STRETCH_MS) or (first,)
    ]
    found = await gather(*(fetch_bars(ctx, query, BARS) for query in stretches))
    months = by_month([bar for stretch in found for bar in stretch.bars])
    return [bar for bar in months if bar.open_ms >= request.from_]


def _first_open(time_ms: int, interval: str) -> int:
    return open_of(time_ms + TIMEFRAME_MS[interval] - 1, interval)


def _close_of(open_ms: int, interval: str) -> int:
    return month_close(open_ms) if interval == "1M" else open_ms + TIMEFRAME_MS[interval]


def _caps_query(request: HistoryRequest, base: str, now_ms: int) -> RangeQuery:
    """Caps up to the close of the last bar, on whole hours so that askers share them."""
    opened = request.to if request.interval == "1M" else open_of(request.to, request.interval)
    closed = _close_of(opened, request.interval)
    # a range that is not over ends late enough that nothing kept of it will pass for settled
    to_ms = closed if closed < now_ms else closed + 2 * DAY_MS
    return RangeQuery(base, open_of(request.from_, "1h"), to_ms)


def _points(bars: Sequence[Candle], caps: Sequence[CapPoint], interval: str) -> list[HistoryPoint]:
    times = [point.time_ms for point in caps]
    made = []
    for bar in bars:
        # the close is the moment that the price is of; the cap nearest to it, within a bar
        close_ms = _close_of(bar.open_ms, interval)
        at = bisect_left(times, close_ms)
        near = min(
            caps[max(0, at - 1) : at + 1], key=lambda p: abs(p.time_ms - close_ms), default=None
        )
        close_by = near and abs(near.time_ms - close_ms) <= close_ms - bar.open_ms
        cap = near.market_cap if near and close_by else None
        made.append(HistoryPoint(bar.open_ms, bar.close, bar.quote_volume, cap))
    return made


endpoints = (
    Endpoint(
        method="GET",
        path="/api/history/price/{symbol:path}",
        request=HistoryRequest,
        reply=HistoryReply,
        call=history_price,
        feeds=(CAPS, BARS),
        tag="History",
    ),
)
handler = lambda_handler(*endpoints)
