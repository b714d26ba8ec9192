"""GET /api/trading/backtest/historical/{symbol}: closed bars of one exchange, fit to test on."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal, cast

from pydantic import BeforeValidator, Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidSymbol, RangeTooLarge, UpstreamUnavailable
from lib.feeds import CANDLES
from lib.market import Candle, Candles, Pair
from lib.queries import CandleQuery
from lib.timeframes import DAY_MS, TIMEFRAME_MS, open_of
from lib.units import PairName
from lib.views.bars import fetch_bars, range_query
from lib.views.charts import source_of
from lib.views.intervals import AnyTimeframe
from lib.views.long_bars import LongBar, long_bars

Exchange = Literal["binance", "kucoin"]

EXCHANGES: Final = ("binance", "kucoin")
MOST_BARS: Final = 10_000
STRETCH: Final = 1000  # bars; the stretches lie on a grid of their own, so that old ones are kept
TOO_OLD: Final = 3  # bars: a newest bar that opened longer ago is no ground to test on


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class BacktestRequest(Request):
    """Which pair, in which time frame, how many days back."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    timeframe: AnyTimeframe = "1h"
    days: Annotated[int, Field(ge=1, le=365)] = 30
    exchange: Annotated[Exchange, BeforeValidator(_lower)] = "binance"


class BacktestReply(Reply, kw_only=True):
    """Closed bars of one exchange, ascending, no gaps."""

    symbol: PairName
    exchange: Exchange
    timeframe: str
    days: int
    candles: list[LongBar]
    count: int


async def backtest_historical(request: BacktestRequest, ctx: Context) -> BacktestReply:
    """Bars to test a strategy on: closed ones only, without gaps, all of the exchange that the
    reply names.

    Sources are asked in the service's own order, so `exchange` is a wish, and the reply says who
    answered. Where older bars come from another exchange, or are missing, the series begins after
    them and `meta.missing` says so. A volume is never unknown here. At most 10000 bars.

    A series that ends more than three bars ago is refused: it is not today's market.
    """
    spoken = ctx.read_symbol(request.symbol)
    step, now_ms = TIMEFRAME_MS[request.timeframe], ctx.clock.now_ms()
    count = -(-request.days * DAY_MS // step)
    if count > MOST_BARS:
        raise RangeTooLarge(
            f"These days hold more than {MOST_BARS} bars of {request.timeframe}",
            {"max_bars": MOST_BARS, "max_days": MOST_BARS * step // DAY_MS},
        )
    exchange, bars = await _one_exchange(ctx, spoken.pair, request.timeframe, count)
    bars = [bar for bar in bars if bar.closed][-count:]
    if not bars or bars[-1].open_ms < now_ms - TOO_OLD * step:
        raise UpstreamUnavailable(
            "No closed bars that reach up to now", {"newest": bars[-1].open_ms if bars else None}
        )
    if len(bars) < count and "candles" not in ctx.missing:
        ctx.lacks("candles", f"{exchange} has no unbroken series that is longer")
    return BacktestReply(
        symbol=str(spoken.pair),
        exchange=exchange,
        timeframe=request.timeframe,
        days=request.days,
        candles=long_bars(bars),
        count=len(bars),
    )


async def _one_exchange(
    ctx: Context, pair: Pair, timeframe: str, count: int
) -> tuple[Exchange, list[Candle]]:
    """The exchange that gave the newest bars, and its unbroken series up to them."""
    now_ms, step = ctx.clock.now_ms(), TIMEFRAME_MS[timeframe]
    running, width = open_of(now_ms, timeframe), STRETCH * step
    oldest = running - count * step
    first = oldest - (oldest - open_of(step, timeframe)) % width
    questions = [
        range_query(pair, timeframe, start, start + width - step, STRETCH, now_ms)
        for start in range(first, running + 1, width)
    ]
    answers = await gather(*(_stretch(ctx, question) for question in questions))
    found = [one for one in answers if isinstance(one, Candles)]
    if not found:
        raise next(one for one in answers if isinstance(one, UpstreamUnavailable))
    if len(found) < len(answers):
        ctx.lacks("candles", "no source answered for a part of this range", failed=True)
    stretches = [(source_of(ctx, one), one.bars) for one in found if one.bars]
    exchange = stretches[-1][0] if stretches else ""
    if exchange not in EXCHANGES:
        tried = [attempt for part in ctx.parts for attempt in part.sourced.tried]
        if {one.source for one in tried if one.outcome == "unsupported"}.issuperset(EXCHANGES):
            raise InvalidSymbol(f"Neither binance nor kucoin lists {pair}", {"symbol": str(pair)})
        raise UpstreamUnavailable(
            "Neither binance nor kucoin answers",
            {"answered_by": exchange or None},
        )
    bars: list[Candle] = []
    for source, stretch in reversed(stretches):
        if source != exchange:
            break
        bars = [*stretch, *bars]
    return cast("Exchange", exchange), _unbroken(bars, step)


async def _stretch(ctx: Context, question: CandleQuery) -> Candles | UpstreamUnavailable:
    try:
        return await fetch_bars(ctx, question)
    except UpstreamUnavailable as error:
        return error


def _unbroken(bars: Sequence[Candle], step: int) -> list[Candle]:
    """The longest end of a row of bars in which each follows on the one before, with a volume."""
    kept: list[Candle] = []
    for bar in reversed(bars):
        if bar.volume is None or (kept and kept[-1].open_ms - bar.open_ms != step):
            break
        kept.append(bar)
    return kept[::-1]


endpoints = (
    Endpoint(
        method="GET",
        path="/api/trading/backtest/historical/{symbol:path}",
        request=BacktestRequest,
        reply=BacktestReply,
        call=backtest_historical,
        feeds=(CANDLES,),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
