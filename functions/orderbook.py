"""GET /api/orderbook/{symbol}: the depth of a pair."""

from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BOOKS
from lib.queries import PairQuery
from lib.units import BaseAmount, PairName, Price, UnixMs


class OrderbookRequest(Request):
    """Which pair, how deep."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class OrderbookReply(Reply, kw_only=True):
    """`[price, amount]` levels, best first; amounts in base units."""

    symbol: PairName
    timestamp: UnixMs
    bids: list[tuple[Price, BaseAmount]]
    asks: list[tuple[Price, BaseAmount]]


async def orderbook(request: OrderbookRequest, ctx: Context) -> OrderbookReply:
    """The best bids and asks of a pair, up to 100 a side."""
    spoken = ctx.read_symbol(request.symbol)
    book = await ctx.fetch(BOOKS, PairQuery(spoken.pair), symbol=str(spoken.pair))
    if book.pair.quote != spoken.pair.quote:
        ctx.note(quoted_in=book.pair.quote)
    return OrderbookReply(
        symbol=str(spoken.pair),
        timestamp=book.time_ms,
        bids=list(book.bids[: request.limit]),
        asks=list(book.asks[: request.limit]),
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/orderbook/{symbol:path}",
        request=OrderbookRequest,
        reply=OrderbookReply,
        call=orderbook,
        feeds=(BOOKS,),
        tag="Trading",
    ),
)
handler = lambda_handler(*endpoints)
