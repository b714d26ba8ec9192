"""GET /udf/history: bars as TradingView's charts read them.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

from typing import Annotated

from msgspec import UNSET
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Request
from lib.errors import InvalidParameter
from lib.feeds import CANDLES
from lib.market import Candle, Pair
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.views.charts import RUNNING, read_newest
from lib.views.udf import read_name, read_resolution, split_at
from lib.views.udf_wire import UdfHistoryReply

MOST_BARS = 1000
FIRST_TRADE_MS = 1_262_304_000_000  # 2010-01-01: charts also ask for what was before all trading

AskedSeconds = Annotated[
    int, Field(ge=-9_999_999_999, le=9_999_999_999, description="a Unix time in seconds")
]


class HistoryRequest(Request):
    """Which bars: `countback` of them before `to`, else those that open in [from, to)."""

    symbol: Annotated[str, Field(description="a symbol", examples=["BTCUSDT"])]
    resolution: Annotated[str, Field(description="one that the symbol supports", examples=["60"])]
    from_: Annotated[AskedSeconds, Field(alias="from", examples=[1_763_900_000])]
    to: Annotated[AskedSeconds, Field(examples=[1_764_000_000])]
    countback: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


async def udf_history(request: HistoryRequest, ctx: Context) -> UdfHistoryReply:
    """Bars of a pair, at most 1000, those nearest to `to`. The running bar is included.

    `to` is not included, `from` is, and `countback` makes `from` meaningless.
    """
    frame = read_resolution(request.resolution)
    spoken = read_name(request.symbol)
    bars, before_ms = await _bars(request, ctx, spoken.pair, frame)
    if not bars:
        return UdfHistoryReply(
            "no_data", nextTime=UNSET if before_ms is None else before_ms // 1000
        )
    volumes = [bar.volume for bar in bars if bar.volume is not None]
    if len(volumes) < len(bars):
        ctx.lacks("v", f"{ctx.source_of(CANDLES)} states no volume")
    return UdfHistoryReply(
        s="ok",
        t=[bar.open_ms // 1000 for bar in bars],
        o=[bar.open for bar in bars],
        h=[bar.high for bar in bars],
        l=[bar.low for bar in bars],
        c=[bar.close for bar in bars],
        v=volumes if len(volumes) == len(bars) else [],
    )


async def _bars(
    request: HistoryRequest, ctx: Context, pair: Pair, frame: str
) -> tuple[list[Candle], int | None]:
    """The bars, and the open of the last one before them."""
    from_ms, to_ms, step = request.from_ * 1000, request.to * 1000, TIMEFRAME_MS[frame]
    last = open_of(max(FIRST_TRADE_MS, min(to_ms - 1, ctx.clock.now_ms())), frame)
    if request.countback is not None:
        count = min(request.countback, MOST_BARS)
        return await read_newest(ctx, pair, frame, count, until_ms=last), None
    if from_ms >= to_ms:
        raise InvalidParameter.of("to", request.to, f"a time after from ({request.from_})")
    first = open_of(from_ms + step - 1, frame)
    count = min(MOST_BARS, max(1, (last - first) // step + 1))
    return split_at(await read_newest(ctx, pair, frame, count, until_ms=last), from_ms)


endpoints = (
    Endpoint(
        method="GET",
        path="/udf/history",
        request=HistoryRequest,
        reply=UdfHistoryReply,
        call=udf_history,
        feeds=(CANDLES, RUNNING),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
