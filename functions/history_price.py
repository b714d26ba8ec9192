"""GET /api/history/price/{symbol}: an asset's price over a stretch of the past."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.bars import fetch_bars
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter, RangeTooLarge
from lib.feeds import CANDLES, CAPS
from lib.market import Candle, CapPoint, Pair
from lib.months import by_month, month_open
from lib.queries import CandleQuery, RangeQuery
from lib.symbols import parse_symbol
from lib.timeframes import DAY_MS, TIMEFRAME_MS, open_of
from lib.units import AssetName, Money, Price, QuoteVolume, UnixMs

MOST_POINTS = 1000
LATEST_MS = 9_999_999_999_999
FIRST_TRADE_MS = 1_262_304_000_000  # 2010-01-01: before it no venue traded any of this
MONTH_MS = 31 * DAY_MS


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


class HistoryReply(Reply):
    """Points in time order, the running bar last if the range reaches it."""

    symbol: AssetName
    interval: str
    data: list[HistoryPoint]


async def history_price(request: HistoryRequest, ctx: Context) -> HistoryReply:
    """Closing prices of every bar that opens in [from, to], with quote volume.

    Market caps come from the one free source that keeps them, for the last 365 days; elsewhere
    they are null. At most 1000 points.
    """
    spoken = parse_symbol(request.symbol)
    ctx.note(renamed_from=spoken.renamed_from)
    _check_range(request)
    caps = ctx.fetch_or_none(CAPS, _caps_query(request, spoken.pair.base), "data[].market_cap")
    found, history = await gather(_bars(request, ctx, spoken.pair), caps)
    points = _points(found, history.points if history else (), request.interval)
    if any(point.volume is None for point in points):
        ctx.lacks("data[].volume", f"{ctx.source_of(CANDLES)} states no quote volume")
    if history and any(point.market_cap is None for point in points):
        ctx.lacks("data[].market_cap", "not kept for the whole range by any free source")
    return HistoryReply(symbol=spoken.echo, interval=request.interval, data=points)


def _check_range(request: HistoryRequest) -> None:
    if request.from_ >= request.to:
        raise InvalidParameter.of("to", request.to, f"a time after from ({request.from_})")
    step = TIMEFRAME_MS.get(request.interval, MONTH_MS)
    widest = MOST_POINTS * step
    if request.to - request.from_ > widest:
        raise RangeTooLarge(
            f"This range holds more than {MOST_POINTS} points of {request.interval}",
            {"max_points": MOST_POINTS, "max_range_ms": widest, "interval": request.interval},
        )


async def _bars(request: HistoryRequest, ctx: Context, pair: Pair) -> list[Candle]:
    if request.interval != "1M":
        first = _first_open(request.from_, request.interval)
        query = CandleQuery(
            pair, request.interval, MOST_POINTS, first, open_of(request.to, request.interval)
        )
        return list((await fetch_bars(ctx, query)).bars)
    # months are not made of weeks: days, in stretches that sources can give at once
    start = max(month_open(request.from_), FIRST_TRADE_MS)
    stretches = [
        CandleQuery(pair, "1d", MOST_POINTS, at, min(at + 999 * DAY_MS, open_of(request.to, "1d")))
        for at in range(start, request.to, MOST_POINTS * DAY_MS)
    ]
    found = await gather(*(fetch_bars(ctx, query) for query in stretches))
    months = by_month([bar for stretch in found for bar in stretch.bars])
    return [bar for bar in months if bar.open_ms >= request.from_]


def _first_open(time_ms: int, interval: str) -> int:
    return open_of(time_ms + TIMEFRAME_MS[interval] - 1, interval)


def _caps_query(request: HistoryRequest, base: str) -> RangeQuery:
    first = open_of(request.from_, "1h")
    return RangeQuery(base, first, open_of(request.to, "1h") + TIMEFRAME_MS["1h"])


def _points(bars: Sequence[Candle], caps: Sequence[CapPoint], interval: str) -> list[HistoryPoint]:
    times = [point.time_ms for point in caps]
    reach = TIMEFRAME_MS.get(interval, MONTH_MS)
    made = []
    for bar in bars:
        # the close is the moment that the price is of; the cap nearest to it, within a bar
        close_ms = bar.open_ms + reach
        at = bisect_left(times, close_ms)
        near = min(
            caps[max(0, at - 1) : at + 1], key=lambda p: abs(p.time_ms - close_ms), default=None
        )
        cap = near.market_cap if near and abs(near.time_ms - close_ms) <= reach else None
        made.append(HistoryPoint(bar.open_ms, bar.close, bar.quote_volume, cap))
    return made


endpoints = (
    Endpoint(
        method="GET",
        path="/api/history/price/{symbol:path}",
        request=HistoryRequest,
        reply=HistoryReply,
        call=history_price,
        feeds=(CAPS, CANDLES),
        tag="History",
    ),
)
handler = lambda_handler(*endpoints)
