"""GET /api/ohlcv: candles for charts."""

from typing import Annotated, ClassVar

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter
from lib.feeds import CANDLES
from lib.market import Candle, Pair, Timeframe
from lib.queries import CandleQuery
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.units import PairName
from lib.views.bars import range_query
from lib.views.charts import RUNNING, newest_query, read_bars

LATEST_MS = 9_999_999_999_999


class OhlcvRequest(Request):
    """Which pair and time frame; the newest bars, or those of a range."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    timeframe: Timeframe
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    since: Annotated[
        int | None, Field(ge=0, le=LATEST_MS, description="a Unix time in milliseconds")
    ] = None
    until: Annotated[
        int | None, Field(ge=0, le=LATEST_MS, description="a Unix time in milliseconds")
    ] = None
    closed_only: bool = False


class OhlcvReply(Reply, kw_only=True):
    """Bars timed at open, ascending, no gaps; the running one last, with `closed: false`."""

    symbol: PairName
    timeframe: str
    data: list[Candle]


async def ohlcv(request: OhlcvRequest, ctx: Context) -> OhlcvReply:
    """Candles of a pair. With `since`, the first `limit` from there; else the newest, up to
    `until` if given. Days open at UTC midnight, weeks on Monday.

    `v` is in base units, `q` (where the venue tells) in quote currency; `filled` marks a bar in
    which nobody traded. The running bar closes at the ticker's price while both come from the
    same source, so that chart and price agree.
    """
    spoken = ctx.read_symbol(request.symbol)
    query = candle_query(request, spoken.pair, ctx.clock.now_ms())
    bars = await read_bars(ctx, query)
    if not bars:
        ctx.lacks("data", "no source has bars in this range")
    if request.closed_only:
        bars = [bar for bar in bars if bar.closed]
    if query.since_ms is None:
        bars = bars[-request.limit :]
    if any(bar.volume is None for bar in bars):
        ctx.lacks("data[].v", f"{ctx.source_of(CANDLES)} states no volume")
    return OhlcvReply(symbol=str(spoken.pair), timeframe=request.timeframe, data=bars)


def candle_query(request: OhlcvRequest, pair: Pair, now_ms: int) -> CandleQuery:
    """The feed's question: bounds on the grid of bars, sizes that many askers share."""
    frame, since, until = request.timeframe, request.since, request.until
    step = TIMEFRAME_MS[frame]
    if since is not None and until is not None:
        if since >= until:
            raise InvalidParameter.of("until", until, f"a time after since ({since})")
        return range_query(pair, frame, since, until, request.limit, now_ms)
    if since is not None:
        return CandleQuery(pair, frame, request.limit, open_of(since + step - 1, frame))
    wanted = request.limit + request.closed_only  # the running bar will be dropped
    return newest_query(pair, frame, wanted, now_ms, until)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ohlcv",
        request=OhlcvRequest,
        reply=OhlcvReply,
        call=ohlcv,
        feeds=(CANDLES, RUNNING),
    ),
)
handler = lambda_handler(*endpoints)
