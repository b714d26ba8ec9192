"""GET /api/exchange-info: a venue's pairs and their rules."""

from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import EXCHANGES
from lib.market import MarketRule
from lib.queries import Everything
from lib.units import UnixMs


class ExchangeInfoRequest(Request):
    """Which of the pairs; by default all."""

    quote: Annotated[
        str | None, Field(pattern="^[A-Za-z0-9]{1,20}$", description="a quote asset such as USDT")
    ] = None
    active: bool | None = None


class ExchangeInfoReply(Reply, kw_only=True):
    """Pairs and their rules; `null` is what the venue does not state."""

    exchange: str
    symbols: list[MarketRule]
    timestamp: UnixMs


async def exchange_info(request: ExchangeInfoRequest, ctx: Context) -> ExchangeInfoReply:
    """Every pair of the first venue that answers, those not trading now included."""
    exchange = await ctx.fetch(EXCHANGES, Everything())
    rows = exchange.rules
    if request.quote is not None:
        rows = tuple(row for row in rows if row.quote == request.quote.upper())
    if request.active is not None:
        rows = tuple(row for row in rows if row.active is request.active)
    for field in ("min_amount", "max_amount", "min_price", "max_price", "maker_fee", "taker_fee"):
        if any(getattr(row, field) is None for row in rows):
            ctx.lacks(f"symbols[].{field}", f"{exchange.name} does not state it for every pair")
    return ExchangeInfoReply(exchange=exchange.name, symbols=list(rows), timestamp=exchange.time_ms)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/exchange-info",
        request=ExchangeInfoRequest,
        reply=ExchangeInfoReply,
        call=exchange_info,
        feeds=(EXCHANGES,),
        tag="Trading",
    ),
)
handler = lambda_handler(*endpoints)
