"""GET /api/trades/{symbol}: recent trades of a pair."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import TRADES
from lib.market import Trade
from lib.queries import PairQuery
from lib.units import PairName


class TradesRequest(Request):
    """Which pair, how many, since when."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    since: Annotated[
        int | None, Field(ge=0, le=9_999_999_999_999, description="a Unix time in milliseconds")
    ] = None


class TradesReply(Reply, kw_only=True):
    """Trades, oldest first; `side` is the taker's, `type` null where the venue does not tell."""

    symbol: PairName
    trades: list[Trade]


async def trades(request: TradesRequest, ctx: Context) -> TradesReply:
    """The newest trades of a pair, oldest first; with `since`, those at or after it, and where
    that leaves some out, `meta.missing` says so."""
    spoken = ctx.read_symbol(request.symbol)
    found = await ctx.fetch(TRADES, PairQuery(spoken.pair), symbol=str(spoken.pair))
    if found.pair.quote != spoken.pair.quote:
        ctx.note(quoted_in=found.pair.quote)
    rows = [row for row in found.rows if request.since is None or row.timestamp >= request.since]
    if any(row.type is None for row in rows):
        ctx.lacks("trades[].type", f"{ctx.source_of(TRADES)} does not state it")
    if request.since is not None:
        _say_left_out(ctx, found.rows, request.since, len(rows) - request.limit)
    return TradesReply(symbol=str(spoken.pair), trades=rows[-request.limit :])


def _say_left_out(ctx: Context, known: Sequence[Trade], since_ms: int, older: int) -> None:
    if known and since_ms < known[0].timestamp:
        source = ctx.source_of(TRADES)
        ctx.lacks("trades[]", f"{source} gives no trades before {iso_utc(known[0].timestamp)}")
    elif older > 0:
        ctx.lacks("trades[]", f"{older} older ones since then are over the limit")


endpoints = (
    Endpoint(
        method="GET",
        path="/api/trades/{symbol:path}",
        request=TradesRequest,
        reply=TradesReply,
        call=trades,
        feeds=(TRADES,),
        tag="Trading",
    ),
)
handler = lambda_handler(*endpoints)
