"""GET /api/service/market-status: the whole market in a few numbers."""

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import GLOBALS
from lib.queries import Everything
from lib.units import Money, Percent, UnixMs


class MarketStatusRequest(Request):
    """Nothing to choose."""


class MarketStatus(Struct):
    """The whole market in US dollars and percent; `null` is what the source does not state."""

    total_market_cap: Money
    total_volume_24h: Money
    btc_dominance: Percent | None
    eth_dominance: Percent | None
    market_cap_change_24h: Percent | None
    active_cryptocurrencies: int | None
    active_markets: int | None
    active_exchanges: int | None


class MarketStatusReply(Reply, kw_only=True):
    """The market in a few numbers."""

    data: MarketStatus
    timestamp: UnixMs


async def service_market_status(request: MarketStatusRequest, ctx: Context) -> MarketStatusReply:  # noqa: ARG001
    """Market cap, volume, dominance and counts of the whole market."""
    found = await ctx.fetch(GLOBALS, Everything())
    status = MarketStatus(
        total_market_cap=found.total_market_cap,
        total_volume_24h=found.total_volume_24h,
        btc_dominance=found.dominance.get("BTC"),
        eth_dominance=found.dominance.get("ETH"),
        market_cap_change_24h=found.market_cap_change_24h,
        active_cryptocurrencies=found.active_cryptocurrencies,
        active_markets=found.active_markets,
        active_exchanges=found.active_exchanges,
    )
    for field in MarketStatus.__struct_fields__:
        if getattr(status, field) is None:
            ctx.lacks(f"data.{field}", f"{ctx.source_of(GLOBALS)} does not state it")
    return MarketStatusReply(data=status, timestamp=found.time_ms)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/service/market-status",
        request=MarketStatusRequest,
        reply=MarketStatusReply,
        call=service_market_status,
        feeds=(GLOBALS,),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
