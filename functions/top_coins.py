"""GET /api/coins/top and its sisters: the market table's first coins as front ends read them."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import LISTINGS
from lib.units import BaseAmount, IsoDate, IsoTime, Money, Percent, UnixMs
from lib.views.table import PRICES, MarketRow
from lib.views.top_coins import read_time, read_top, say_gaps


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Sort = Annotated[
    Literal["rank", "market_cap", "volume", "price", "price_change"], BeforeValidator(_lower)
]
Order = Annotated[Literal["asc", "desc"], BeforeValidator(_lower)]


class TopRequest(Request):
    """How many."""

    aliases: ClassVar[dict[str, str]] = {"n": "limit"}

    limit: Annotated[int, Field(ge=1, le=500)] = 50


class TickersRequest(Request):
    """How many, in which order."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    sort: Sort = "rank"
    order: Order | None = None


class TopCoin(Struct, kw_only=True):
    """A coin under both spellings of each name; money in US dollars, `null` is unknown."""

    id: str
    rank: int | None
    market_cap_rank: int | None
    symbol: str
    name: str
    image: str | None
    price: Money | None
    current_price: Money | None
    market_cap: Money | None
    volume_24h: Money | None
    total_volume: Money | None
    change_24h: Percent | None
    price_change_percentage_24h: Percent | None
    change_7d: Percent | None
    price_change_percentage_7d: Percent | None
    high_24h: Money | None
    low_24h: Money | None
    ath: Money | None
    ath_date: IsoDate | None
    atl: Money | None
    atl_date: IsoDate | None
    circulating_supply: BaseAmount | None
    total_supply: BaseAmount | None
    max_supply: BaseAmount | None
    last_updated: IsoTime


class TopReply(Reply, kw_only=True):
    """The first coins; `data` holds the same rows as `coins`."""

    coins: list[TopCoin]
    data: list[TopCoin]
    count: int
    timestamp: UnixMs


class TickerRow(Struct):
    """A coin's price in US dollars and how it moved in 24 hours."""

    symbol: str
    price: Money
    change_24h: Percent | None
    volume_24h: Money | None
    name: str


async def coins_top(request: TopRequest, ctx: Context) -> TopReply:
    """Top coins by market cap, with every field under both of its usual names."""
    rows = [_coin(row) for row in (await read_top(ctx))[: request.limit]]
    ctx.note(volume_scope="global")
    say_gaps(ctx, rows, "coins", "data")
    return TopReply(coins=rows, data=rows, count=len(rows), timestamp=read_time(ctx))


async def market_top(request: TopRequest, ctx: Context) -> TopReply:
    """Top coins by market cap, as `/api/coins/top`."""
    return await coins_top(request, ctx)


async def service_top(request: TopRequest, ctx: Context) -> TopReply:
    """Top coins by market cap, as `/api/coins/top`; `n` says how many."""
    return await coins_top(request, ctx)


async def market_tickers(request: TickersRequest, ctx: Context) -> list[TickerRow]:
    """Coins and their prices as a bare array; those without a price are left out."""
    rows = await read_top(ctx, request.sort, ascending=request.order == "asc")
    return [
        TickerRow(row.symbol, row.price, row.change_24h, row.volume_24h, row.name)
        for row in rows
        if row.price is not None
    ][: request.limit]


def _coin(row: MarketRow) -> TopCoin:
    return TopCoin(
        id=row.id,
        rank=row.rank,
        market_cap_rank=row.rank,
        symbol=row.symbol,
        name=row.name,
        image=row.image,
        price=row.price,
        current_price=row.price,
        market_cap=row.market_cap,
        volume_24h=row.volume_24h,
        total_volume=row.volume_24h,
        change_24h=row.change_24h,
        price_change_percentage_24h=row.change_24h,
        change_7d=row.change_7d,
        price_change_percentage_7d=row.change_7d,
        high_24h=row.high_24h,
        low_24h=row.low_24h,
        ath=row.ath,
        ath_date=row.ath_date,
        atl=row.atl,
        atl_date=row.atl_date,
        circulating_supply=row.circulating_supply,
        total_supply=row.total_supply,
        max_supply=row.max_supply,
        last_updated=row.last_updated,
    )


endpoints = (
    *(
        Endpoint(
            method="GET",
            path=path,
            request=TopRequest,
            reply=TopReply,
            call=call,
            feeds=(LISTINGS, PRICES),
            tag="Front-end paths",
        )
        for path, call in (
            ("/api/coins/top", coins_top),
            ("/api/market/top", market_top),
            ("/api/service/top", service_top),
        )
    ),
    Endpoint(
        method="GET",
        path="/api/market/tickers",
        request=TickersRequest,
        reply=list[TickerRow],
        call=market_tickers,
        feeds=(LISTINGS, PRICES),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
