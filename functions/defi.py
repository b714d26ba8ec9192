"""GET /api/defi/protocols and /api/defi/yields: what is locked in DeFi, and what it pays."""

from typing import Annotated, Literal

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.defi import Pool, Protocol
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import POOLS, PROTOCOLS
from lib.queries import Everything
from lib.units import UnixMs


class DefiRequest(Request):
    """How many."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ProtocolsReply(Reply, kw_only=True):
    """Protocols, the largest first, in US dollars and percent."""

    source: Literal["defillama"] = "defillama"
    timestamp: UnixMs
    count: int
    protocols: list[Protocol]


class YieldsReply(Reply, kw_only=True):
    """Pools, the largest first; rates in percent a year."""

    source: Literal["defillama"] = "defillama"
    timestamp: UnixMs
    count: int
    pools: list[Pool]


async def defi_protocols(request: DefiRequest, ctx: Context) -> ProtocolsReply:
    """The largest DeFi protocols by what is locked in them; exchanges that hold it are left out."""
    found = await ctx.fetch(PROTOCOLS, Everything())
    rows = list(found.rows[: request.limit])
    _say_missing(ctx, "protocols", rows)
    return ProtocolsReply(timestamp=found.time_ms, count=len(rows), protocols=rows)


async def defi_yields(request: DefiRequest, ctx: Context) -> YieldsReply:
    """The largest pools that pay for being lent to, and how much."""
    found = await ctx.fetch(POOLS, Everything())
    rows = list(found.rows[: request.limit])
    _say_missing(ctx, "pools", rows)
    return YieldsReply(timestamp=found.time_ms, count=len(rows), pools=rows)


def _say_missing(ctx: Context, name: str, rows: list[Protocol] | list[Pool]) -> None:
    for field in rows[0].__struct_fields__ if rows else ():
        if any(getattr(row, field) is None for row in rows):
            ctx.lacks(f"{name}[].{field}", "defillama does not state it for every one")


endpoints = (
    Endpoint(
        method="GET",
        path="/api/defi/protocols",
        request=DefiRequest,
        reply=ProtocolsReply,
        call=defi_protocols,
        feeds=(PROTOCOLS,),
        tag="DeFi",
    ),
    Endpoint(
        method="GET",
        path="/api/defi/yields",
        request=DefiRequest,
        reply=YieldsReply,
        call=defi_yields,
        feeds=(POOLS,),
        tag="DeFi",
    ),
)
handler = lambda_handler(*endpoints)
