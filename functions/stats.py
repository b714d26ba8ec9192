"""GET /api/stats: the whole market in numbers, and who moved most."""

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import GLOBALS, LISTINGS, load_feeds
from lib.market import DOLLARS, Listing
from lib.queries import Everything, ListQuery
from lib.units import Money, Percent, UnixMs

MOVERS = 10
LEAST_VOLUME = 100_000.0  # dollars in 24 hours: below it a move is one trade


class StatsRequest(Request):
    """Nothing to choose."""


class Mover(Struct):
    """A coin that rose or fell most in 24 hours."""

    symbol: str
    name: str
    change_24h: Percent
    volume_24h: Money
    price: Money


class Totals(Struct):
    """The whole market; `null` is what the source does not state."""

    total_market_cap: Money
    total_volume_24h: Money
    bitcoin_dominance: Percent | None
    ethereum_dominance: Percent | None
    defi_dominance: Percent | None
    market_cap_change_24h: Percent | None
    volume_change_24h: Percent | None
    active_cryptocurrencies: int | None
    active_markets: int | None
    active_exchanges: int | None


class StatsReply(Reply, kw_only=True, rename={"global_": "global"}):
    """Totals and movers; the fields in camel case repeat `global` for today's front ends."""

    timestamp: UnixMs
    global_: Totals
    top_gainers: list[Mover] | None
    top_losers: list[Mover] | None
    totalMarketCap: Money  # noqa: N815 - read so by front ends
    totalVolume24h: Money  # noqa: N815
    btcDominance: Percent | None  # noqa: N815
    activeCoins: int | None  # noqa: N815
    total_providers: int


async def stats(request: StatsRequest, ctx: Context) -> StatsReply:  # noqa: ARG001
    """Global market statistics, and the largest moves among the first 500 coins with at least
    100,000 dollars of volume."""
    found, listings = await gather(
        ctx.fetch(GLOBALS, Everything()),
        ctx.fetch_or_none(LISTINGS, ListQuery(2), "top_gainers"),
    )
    totals = Totals(
        total_market_cap=found.total_market_cap,
        total_volume_24h=found.total_volume_24h,
        bitcoin_dominance=found.dominance.get("BTC"),
        ethereum_dominance=found.dominance.get("ETH"),
        defi_dominance=found.defi_dominance,
        market_cap_change_24h=found.market_cap_change_24h,
        volume_change_24h=found.volume_change_24h,
        active_cryptocurrencies=found.active_cryptocurrencies,
        active_markets=found.active_markets,
        active_exchanges=found.active_exchanges,
    )
    movers = _movers(listings.rows) if listings else None
    reply = StatsReply(
        timestamp=found.time_ms,
        global_=totals,
        top_gainers=movers and [m for m in movers[:MOVERS] if m.change_24h > 0],
        top_losers=movers and [m for m in movers[: -MOVERS - 1 : -1] if m.change_24h < 0],
        totalMarketCap=totals.total_market_cap,
        totalVolume24h=totals.total_volume_24h,
        btcDominance=totals.bitcoin_dominance,
        activeCoins=totals.active_cryptocurrencies,
        total_providers=len({source for feed in load_feeds() for source in feed.sources}),
    )
    _say_missing(ctx, reply)
    return reply


def _say_missing(ctx: Context, reply: StatsReply) -> None:
    if reply.top_losers is None:
        ctx.lacks("top_losers", ctx.missing["top_gainers"])
    reason = f"{ctx.source_of(GLOBALS)} does not state it"
    for field in Totals.__struct_fields__:
        if getattr(reply.global_, field) is None:
            ctx.lacks(f"global.{field}", reason)
    for field in ("btcDominance", "activeCoins"):
        if getattr(reply, field) is None:
            ctx.lacks(field, reason)


def _movers(rows: tuple[Listing, ...]) -> list[Mover]:
    movers = [
        Mover(row.symbol, row.name, row.change_24h, row.volume_24h, row.price)
        for row in rows
        if row.price is not None
        and row.change_24h is not None
        and row.volume_24h is not None
        and row.volume_24h >= LEAST_VOLUME
        and row.symbol not in DOLLARS
    ]
    return sorted(movers, key=lambda mover: mover.change_24h, reverse=True)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/stats",
        request=StatsRequest,
        reply=StatsReply,
        call=stats,
        feeds=(LISTINGS, GLOBALS),
        tag="Statistics",
    ),
)
handler = lambda_handler(*endpoints)
