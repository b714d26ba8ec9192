"""GET /api/ticker/{symbol}: last price and best quotes of a pair."""

from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import TICKERS
from lib.queries import PairQuery
from lib.units import BaseAmount, PairName, Percent, Price, QuoteVolume, UnixMs


class TickerRequest(Request):
    """Which pair."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]


class TickerReply(Reply, kw_only=True):
    """A pair's ticker; `null` is unknown, never zero."""

    symbol: PairName
    bid: Price | None
    ask: Price | None
    last: Price
    volume: QuoteVolume | None
    high: Price | None
    low: Price | None
    change_24h: Percent | None
    base_volume: BaseAmount | None
    timestamp: UnixMs


async def ticker(request: TickerRequest, ctx: Context) -> TickerReply:
    """Last price, best bid and ask and the last 24 hours of a pair; an asset alone is read as its
    USDT pair."""
    spoken = ctx.read_symbol(request.symbol)
    row = await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=str(spoken.pair))
    if row.pair.quote != spoken.pair.quote:
        ctx.note(quoted_in=row.pair.quote)
    ctx.note(volume_scope=row.scope or ctx.source_of(TICKERS))
    reply = TickerReply(
        symbol=str(spoken.pair),
        bid=row.bid,
        ask=row.ask,
        last=row.last,
        volume=row.volume,
        high=row.high,
        low=row.low,
        change_24h=row.change_percent,
        base_volume=row.base_volume,
        timestamp=row.time_ms,
    )
    for field in ("bid", "ask", "volume", "high", "low", "change_24h", "base_volume"):
        if getattr(reply, field) is None:
            ctx.lacks(field, f"{ctx.source_of(TICKERS)} does not state it")
    return reply


endpoints = (
    Endpoint(
        method="GET",
        path="/api/ticker/{symbol:path}",
        request=TickerRequest,
        reply=TickerReply,
        call=ticker,
        feeds=(TICKERS,),
    ),
)
handler = lambda_handler(*endpoints)
