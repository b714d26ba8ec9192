"""GET /api/stats/dominance: how the market cap is shared out."""

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import GLOBALS, LISTINGS
from lib.market import Listings
from lib.queries import Everything, ListQuery
from lib.units import Percent, UnixMs

NAMED = 10
ENOUGH = 5  # a source that names fewer coins is completed from the market table


class DominanceRequest(Request):
    """Nothing to choose."""


class DominanceReply(Reply, kw_only=True):
    """Percent of the total market cap by asset, largest first, and `others`; they add up to 100."""

    timestamp: UnixMs
    dominance: dict[str, Percent]


async def stats_dominance(request: DominanceRequest, ctx: Context) -> DominanceReply:  # noqa: ARG001
    """Market dominance of the ten largest assets and of all others.

    Where the source of totals names only a few assets, the rest is market cap over its total.
    """
    found = await ctx.fetch(GLOBALS, Everything())
    shares = dict(found.dominance)
    if len(shares) < ENOUGH:
        listings = await ctx.fetch_or_none(LISTINGS, ListQuery(2), "dominance")
        if listings:
            shares = _shares(listings, found.total_market_cap) | shares
    largest = dict(sorted(shares.items(), key=lambda item: item[1], reverse=True)[:NAMED])
    return DominanceReply(
        timestamp=found.time_ms,
        dominance={**largest, "others": max(0.0, 100.0 - sum(largest.values()))},
    )


def _shares(listings: Listings, total: float) -> dict[str, float]:
    shares: dict[str, float] = {}
    for row in listings.rows:
        if row.market_cap:
            shares.setdefault(row.symbol, row.market_cap / total * 100)
    return shares


endpoints = (
    Endpoint(
        method="GET",
        path="/api/stats/dominance",
        request=DominanceRequest,
        reply=DominanceReply,
        call=stats_dominance,
        feeds=(LISTINGS, GLOBALS),
        tag="Statistics",
    ),
)
handler = lambda_handler(*endpoints)
