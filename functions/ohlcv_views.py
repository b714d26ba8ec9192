"""GET /api/ohlcv/{symbol} and its sisters: candles in the shapes that front ends read."""

from typing import Annotated, ClassVar

from msgspec import Struct
from msgspec.structs import asdict
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import CANDLES
from lib.market import Candle
from lib.symbols import Spoken
from lib.units import AssetName, PairName
from lib.views.charts import RUNNING, read_newest
from lib.views.intervals import AnyTimeframe
from lib.views.long_bars import BothBar, LongBar, both_bars, long_bars, say_no_volume
from lib.views.many import ask_each, read_symbols

MOST_SYMBOLS = 20


class BarsRequest(Request):
    """Which pair, in which time frame, how many bars."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    timeframe: AnyTimeframe = "1h"
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class ManyBarsRequest(Request):
    """Which pairs, in which time frame, how many bars of each."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbols: Annotated[str, Field(max_length=1000, description="symbols separated by commas")]
    timeframe: AnyTimeframe = "1h"
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class DaysRequest(Request):
    """Which asset, how many days back."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    days: Annotated[int, Field(ge=1, le=1000)] = 30


class BarsReply(Reply, kw_only=True):
    """Bars with long and short keys, ascending, no gaps; the running one last."""

    symbol: PairName
    timeframe: str
    interval: str
    data: list[BothBar]
    count: int


class OneOfMany(Struct):
    """The bars of one of the symbols."""

    symbol: PairName
    data: list[BothBar]
    count: int


class SymbolBar(BothBar, kw_only=True):
    """A bar that says of which pair it is."""

    symbol: PairName


class ManyBarsReply(Reply, kw_only=True):
    """`data` holds the bars of one symbol after another, `results` those of each, by the symbol
    as it was asked."""

    symbols: list[str]
    timeframe: str
    interval: str
    data: list[SymbolBar]
    results: dict[str, OneOfMany]
    count: int


class LongBarsReply(Reply, kw_only=True):
    """Bars with long keys, ascending, no gaps; the running one last."""

    symbol: AssetName
    interval: str
    data: list[LongBar]
    count: int


async def ohlcv_symbol(request: BarsRequest, ctx: Context) -> BarsReply:
    """Candles of a pair, with long and short keys."""
    spoken = ctx.read_symbol(request.symbol)
    bars = await read_newest(ctx, spoken.pair, request.timeframe, request.limit)
    say_no_volume(ctx, bars, "data[].v", "data[].volume")
    return BarsReply(
        symbol=str(spoken.pair),
        timeframe=request.timeframe,
        interval=request.timeframe,
        data=both_bars(bars),
        count=len(bars),
    )


async def market_ohlc(request: BarsRequest, ctx: Context) -> BarsReply:
    """Candles of a pair, as `/api/ohlcv/{symbol}`."""
    return await ohlcv_symbol(request, ctx)


async def ohlcv_multi(request: ManyBarsRequest, ctx: Context) -> ManyBarsReply:
    """Candles of several pairs, at most 20. One that nobody knows is left out, and
    `meta.missing` says so."""
    symbols = read_symbols(ctx, request.symbols, "symbols", MOST_SYMBOLS)

    async def ask(spoken: Spoken) -> list[Candle]:
        return await read_newest(ctx, spoken.pair, request.timeframe, request.limit)

    found = await ask_each(ctx, symbols, "results", ask)
    for word, bars in found.items():
        say_no_volume(
            ctx,
            bars,
            *(f"data[].{key}" for key in ("v", "volume")),
            *(f"results.{word}.data[].{key}" for key in ("v", "volume")),
        )
    results = {
        word: OneOfMany(str(symbols[word].pair), both_bars(bars), len(bars))
        for word, bars in found.items()
    }
    rows = [
        SymbolBar(**asdict(bar), symbol=one.symbol) for one in results.values() for bar in one.data
    ]
    return ManyBarsReply(
        symbols=list(results),
        timeframe=request.timeframe,
        interval=request.timeframe,
        data=rows,
        results=results,
        count=len(rows),
    )


async def market_history(request: BarsRequest, ctx: Context) -> list[LongBar]:
    """Candles of a pair as a bare array with long keys."""
    spoken = ctx.read_symbol(request.symbol)
    return long_bars(await read_newest(ctx, spoken.pair, request.timeframe, request.limit))


async def service_history(request: BarsRequest, ctx: Context) -> LongBarsReply:
    """Candles of a pair with long keys; `interval` may also be a number of minutes."""
    spoken = ctx.read_symbol(request.symbol)
    return await _long_reply(ctx, spoken, request.timeframe, request.limit)


async def historical(request: DaysRequest, ctx: Context) -> LongBarsReply:
    """Daily candles of the last days with long keys, today's included."""
    spoken = ctx.read_symbol(request.symbol)
    return await _long_reply(ctx, spoken, "1d", request.days)


async def _long_reply(ctx: Context, spoken: Spoken, timeframe: str, count: int) -> LongBarsReply:
    bars = await read_newest(ctx, spoken.pair, timeframe, count)
    say_no_volume(ctx, bars, "data[].volume")
    return LongBarsReply(
        symbol=spoken.echo, interval=timeframe, data=long_bars(bars), count=len(bars)
    )


endpoints = tuple(
    Endpoint(
        method="GET",
        path=path,
        request=request,
        reply=reply,
        call=call,
        feeds=(CANDLES, RUNNING),
        tag="Front-end paths",
    )
    for path, request, reply, call in (
        ("/api/ohlcv/multi", ManyBarsRequest, ManyBarsReply, ohlcv_multi),
        ("/api/ohlcv/{symbol:path}", BarsRequest, BarsReply, ohlcv_symbol),
        ("/api/market/ohlc", BarsRequest, BarsReply, market_ohlc),
        ("/api/market/history", BarsRequest, list[LongBar], market_history),
        ("/api/service/history", BarsRequest, LongBarsReply, service_history),
        ("/api/historical", DaysRequest, LongBarsReply, historical),
    )
)
handler = lambda_handler(*endpoints)
