"""GET /api/trending: the coins that people look for just now."""

from msgspec import Struct

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import LISTINGS, TRENDS
from lib.market import Trend
from lib.queries import Everything, ListQuery
from lib.units import Money, Percent, UnixMs
from lib.views.table import PRICES, MarketRow, build_rows
from lib.views.top_coins import PAGES

PRICE = "coins[].price"


class TrendingRequest(Request):
    """Nothing to choose."""


class TrendingCoin(Struct):
    """A coin in trend. `score` is its place, from 0 for the most wanted; the price is in US
    dollars."""

    id: str
    symbol: str
    name: str
    rank: int | None
    market_cap_rank: int | None
    score: int
    price: Money | None
    change_24h: Percent | None
    image: str | None


class TrendingReply(Reply, kw_only=True):
    """Coins in trend, most wanted first."""

    coins: list[TrendingCoin]
    count: int
    timestamp: UnixMs


async def trending(request: TrendingRequest, ctx: Context) -> TrendingReply:  # noqa: ARG001
    """Coins that most people search for. Prices are those of the market table, so a coin that is
    not in it has none."""
    found, listings, tickers = await gather(
        ctx.fetch(TRENDS, Everything()),
        ctx.fetch_or_none(LISTINGS, ListQuery(PAGES), PRICE),
        ctx.board_or_none(PRICES, PRICES.fresh_s),
    )
    table = build_rows(listings.rows, tickers, 1.0, found.time_ms) if listings else []
    priced = {(row.symbol, row.name.casefold()): row for row in reversed(table)}
    coins = [_coin(row, priced.get((row.symbol, row.name.casefold()))) for row in found.rows]
    _say_missing(ctx, coins)
    return TrendingReply(coins=coins, count=len(coins), timestamp=found.time_ms)


def _coin(row: Trend, known: MarketRow | None) -> TrendingCoin:
    return TrendingCoin(
        id=row.id,
        symbol=row.symbol,
        name=row.name,
        rank=row.rank,
        market_cap_rank=row.rank,
        score=row.score,
        price=known.price if known else None,
        change_24h=known.change_24h if known else None,
        image=row.image,
    )


def _say_missing(ctx: Context, coins: list[TrendingCoin]) -> None:
    unpriced = ctx.missing.pop(PRICE, "not every coin is among the first 500 by market cap")
    unsaid = f"{ctx.source_of(TRENDS)} does not state it for every coin"
    for field in TrendingCoin.__struct_fields__:
        if any(getattr(coin, field) is None for coin in coins):
            reason = unpriced if field in ("price", "change_24h") else unsaid
            ctx.lacks(f"coins[].{field}", reason)


endpoints = (
    Endpoint(
        method="GET",
        path="/api/trending",
        request=TrendingRequest,
        reply=TrendingReply,
        call=trending,
        feeds=(LISTINGS, PRICES, TRENDS),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
