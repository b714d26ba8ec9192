"""What an asset is beside its price: rank, share of the market, and what flows to exchanges."""

import asyncio
from typing import Final

from msgspec import Struct

from lib.context import Context, gather
from lib.errors import ApiError
from lib.feeds import GLOBALS, LISTINGS
from lib.market import GlobalStats, Listings
from lib.queries import Everything, ListQuery
from lib.units import Percent
from lib.views.whale_watch import fetch_alerts

CHAINS: Final = {"BTC": "bitcoin", "ETH": "ethereum", "USDT": "ethereum", "USDC": "ethereum"}
"""On which chain the large transfers of an asset are looked at."""

NETFLOW_USD: Final = 100_000.0
PATIENCE_S: Final = 1.2
"""What chains may take; without them the rest is answered."""

UNTOLD: Final = "no free source tells it"


class OnChain(Struct, kw_only=True):
    """`exchange_netflow` is positive when large transfers of the last blocks brought more to known
    exchanges than they took away."""

    active_addresses: str | None
    transaction_volume: str | None
    exchange_netflow: str | None
    exchange_netflow_usd: float | None


class Fundamental(Struct, kw_only=True):
    """`dominance` is the share of the whole market's capitalisation."""

    market_cap_rank: int | None
    dominance: Percent | None
    on_chain_metrics: OnChain


async def read_fundamental(ctx: Context, base: str, at: str) -> Fundamental:
    """What is known of an asset; what is not is null, with the reason. `at` is where this part
    stands in the reply."""
    rank, share, on_chain = f"{at}.market_cap_rank", f"{at}.dominance", f"{at}.on_chain_metrics"
    listings, totals, flow = await gather(
        ctx.fetch_or_none(LISTINGS, ListQuery(2), rank),
        ctx.fetch_or_none(GLOBALS, Everything(), share),
        _netflow(ctx, base, f"{on_chain}.exchange_netflow"),
    )
    listed = _listed(listings, base)
    dominance = _dominance(listed[1] if listed else None, totals, base)
    if listed is None and listings:
        ctx.lacks(rank, "not among the first 500 by market cap")
    if dominance is None and share not in ctx.missing:
        ctx.lacks(share, "its market cap is not known")
    ctx.lacks(f"{on_chain}.active_addresses", UNTOLD)
    ctx.lacks(f"{on_chain}.transaction_volume", UNTOLD)
    word = None if flow is None else "positive" if flow > 0 else "negative" if flow < 0 else "zero"
    return Fundamental(
        market_cap_rank=listed[0] if listed else None,
        dominance=dominance,
        on_chain_metrics=OnChain(
            active_addresses=None,
            transaction_volume=None,
            exchange_netflow=word,
            exchange_netflow_usd=round(flow, 2) if flow is not None else None,
        ),
    )


def _listed(listings: Listings | None, base: str) -> tuple[int | None, float | None] | None:
    rows = [row for row in listings.rows if row.symbol.upper() == base] if listings else []
    best = min(rows, key=lambda row: row.rank or 10**9, default=None)
    return (best.rank, best.market_cap) if best else None


def _dominance(cap: float | None, totals: GlobalStats | None, base: str) -> float | None:
    if totals is None:
        return None
    stated = totals.dominance.get(base)
    if stated is not None or cap is None or not totals.total_market_cap > 0:
        return stated
    return round(100 * cap / totals.total_market_cap, 4)


async def _netflow(ctx: Context, base: str, field: str) -> float | None:
    """Dollars to exchanges minus dollars from them, in large transfers of the last blocks."""
    chain = CHAINS.get(base)
    why, failed = f"large transfers of {base} are not watched", False
    if chain:
        try:
            async with asyncio.timeout(PATIENCE_S):
                alerts = await fetch_alerts(ctx, chain, NETFLOW_USD)
        except (ApiError, TimeoutError):
            why, failed = "the chain could not be read in time", True
        else:
            about = [alert for alert in alerts if alert.token in (base, f"W{base}")]
            into = [alert.usd for alert in about if alert.kind == "exchange_inflow"]
            out = [alert.usd for alert in about if alert.kind == "exchange_outflow"]
            if into or out:
                return sum(into) - sum(out)
            unpriced = ctx.missing.get(f"alerts[{base}]")
            none = "no large transfer of the last blocks touched a known exchange"
            why, failed = unpriced or none, bool(unpriced)
    ctx.lacks(field, why, failed=failed)
    ctx.lacks(f"{field}_usd", why)
    return None
