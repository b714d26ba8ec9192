"""GET /api/market: the top cryptocurrencies with prices and stats."""

from operator import attrgetter
from typing import Annotated, Literal

from msgspec.structs import asdict
from pydantic import BeforeValidator, Field

from adapters.aws_lambda import lambda_handler
from lib.clock import iso_utc
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import GLOBALS, LISTINGS, RATES
from lib.market import GlobalStats
from lib.queries import Everything, ListQuery
from lib.symbols import parse_symbol
from lib.units import IsoTime, Money, Percent, UnixMs
from lib.views.currency import dollar_rate
from lib.views.dust import times
from lib.views.table import PRICES, MarketRow, build_rows, sort_rows

TOTAL = "total_market_cap"
PAGES = 2  # 500 rows, for every limit: one kept list serves all who ask


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


class MarketRequest(Request):
    """How many, in which order and currency, of which category or symbols."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    sort: Annotated[
        Literal["rank", "volume", "price_change", "market_cap", "price"], BeforeValidator(_lower)
    ] = "rank"
    order: Annotated[Literal["asc", "desc"], BeforeValidator(_lower)] | None = None
    currency: Annotated[
        str, Field(pattern="^[A-Za-z]{2,10}$", description="a currency such as usd or eur")
    ] = "usd"
    category: Annotated[Literal["all", "defi", "nft", "meme"], BeforeValidator(_lower)] = "all"
    symbols: Annotated[
        str | None, Field(max_length=2000, description="symbols separated by commas")
    ] = None


class MarketView(MarketRow, kw_only=True):
    """A row under the names of the spec and those that front ends read."""

    volume24h: Money | None
    change24h: Percent | None
    changePercent24h: Percent | None  # noqa: N815 - read so by front ends


class MarketReply(Reply, kw_only=True):
    """The market table. `data` holds the same rows as `items`."""

    timestamp: UnixMs
    last_updated: IsoTime
    items: list[MarketView]
    data: list[MarketView]
    total_market_cap: Money | None
    total_volume: Money | None
    total_volume_24h: Money | None
    btc_dominance: Percent | None
    eth_dominance: Percent | None
    active_coins: int | None
    active_cryptocurrencies: int | None
    market_cap_change_percentage_24h: Percent | None


async def market(request: MarketRequest, ctx: Context) -> MarketReply:
    """Top cryptocurrencies: an aggregator's ranks, supplies and extremes under a venue's prices.

    `sort` also takes `market_cap` and `price`; without `order`, what is largest (or ranked best)
    comes first. Ranks begin with the best in either order. Volume is global.
    """
    category = request.category
    rate, listings, tickers, totals = await gather(
        dollar_rate(ctx, request.currency.upper(), "currency"),
        ctx.fetch(LISTINGS, ListQuery(PAGES if category == "all" else 1, category)),
        ctx.board_or_none(PRICES, PRICES.fresh_s),
        ctx.fetch_or_none(GLOBALS, Everything(), TOTAL),
    )
    as_of = ctx.as_of_ms(PRICES) or listings.time_ms
    rows = build_rows(listings.rows, tickers, rate, as_of)
    rows = sort_rows(_chosen(request, rows, ctx), request.sort, ascending=request.order == "asc")
    if request.symbols:
        for row in rows[request.limit :]:
            ctx.lacks(f"items[{row.symbol}]", f"beyond the limit of {request.limit}")
    reply = _reply([_view(row) for row in rows[: request.limit]], totals, rate, as_of)
    _say_missing(ctx, reply)
    ctx.note(volume_scope="global")
    return reply


def _chosen(request: MarketRequest, rows: list[MarketRow], ctx: Context) -> list[MarketRow]:
    if not request.symbols:
        return rows
    asked = [word for word in request.symbols.split(",") if word.strip()]
    spoken = [parse_symbol(word, field="symbols") for word in asked]
    bases = dict.fromkeys(one.pair.base for one in spoken)
    ctx.note(renamed_from=",".join(s.renamed_from for s in spoken if s.renamed_from) or None)
    best: dict[str, MarketRow] = {}
    for row in rows:
        if row.symbol in bases:
            best.setdefault(row.symbol, row)
    whole = request.category == "all"
    where = "500 by market cap" if whole else f"250 of the category {request.category}"
    for base in bases:
        if base not in best:
            ctx.lacks(f"items[{base}]", f"not among the first {where}")
    return list(best.values())


def _view(row: MarketRow) -> MarketView:
    values = asdict(row)
    return MarketView(
        **values,
        volume24h=row.volume_24h,
        change24h=row.change_24h,
        changePercent24h=row.change_24h,
    )


def _say_missing(ctx: Context, reply: MarketReply) -> None:
    reason = f"{ctx.source_of(LISTINGS)} does not state it for every coin"
    for field in MarketView.__struct_fields__:
        if None in map(attrgetter(field), reply.items):
            ctx.lacks(f"items[].{field}", reason)
            ctx.lacks(f"data[].{field}", reason)
    reason = ctx.missing.get(TOTAL) or f"{ctx.source_of(GLOBALS)} does not state it"
    for field in MarketReply.__struct_fields__:
        if getattr(reply, field) is None:
            ctx.lacks(field, reason)


def _reply(
    views: list[MarketView], totals: GlobalStats | None, rate: float, as_of_ms: int
) -> MarketReply:
    cap = times(totals.total_market_cap, rate) if totals else None
    volume = times(totals.total_volume_24h, rate) if totals else None
    return MarketReply(
        timestamp=as_of_ms,
        last_updated=iso_utc(as_of_ms),
        items=views,
        data=views,
        total_market_cap=cap,
        total_volume=volume,
        total_volume_24h=volume,
        btc_dominance=totals.dominance.get("BTC") if totals else None,
        eth_dominance=totals.dominance.get("ETH") if totals else None,
        active_coins=totals.active_cryptocurrencies if totals else None,
        active_cryptocurrencies=totals.active_cryptocurrencies if totals else None,
        market_cap_change_percentage_24h=totals.market_cap_change_24h if totals else None,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/market",
        request=MarketRequest,
        reply=MarketReply,
        call=market,
        feeds=(RATES, GLOBALS, LISTINGS, PRICES),
    ),
)
handler = lambda_handler(*endpoints)
