"""GET /api/price/{symbol}: the latest price of an asset and its last 24 hours."""

from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidSymbol, UpstreamUnavailable
from lib.feeds import RATES, TICKERS
from lib.market import DOLLARS, Pair, Ticker
from lib.queries import PairQuery
from lib.symbols import Spoken
from lib.units import AssetName, Percent, Price, QuoteVolume, UnixMs
from lib.views.currency import dollar_rate

DAY = ("change_24h", "high_24h", "low_24h", "volume_24h")


class PriceRequest(Request):
    """Which asset, in which currency."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    convert: Annotated[
        str, Field(pattern="^[A-Za-z0-9]{2,10}$", description="a currency such as usd, eur or btc")
    ] = "usd"
    include_24h: bool = True


class PriceReply(Reply, kw_only=True):
    """A price and its last 24 hours, in the asked currency; `null` is unknown."""

    symbol: AssetName
    price: Price
    change_24h: Percent | None = None
    high_24h: Price | None = None
    low_24h: Price | None = None
    volume_24h: QuoteVolume | None = None
    timestamp: UnixMs


async def price(request: PriceRequest, ctx: Context) -> PriceReply:
    """Latest price of one asset.

    A quote in the symbol (`BTC/EUR`) wins over `convert`. US dollars are read from dollar
    stablecoin pairs; `meta.quoted_in` says which. A currency in which nobody quotes the asset is
    reached over the dollar, with the rate's source in `meta.rate_source`.
    """
    spoken = ctx.read_symbol(request.symbol)
    currency = request.convert.upper() if spoken.bare else spoken.pair.quote
    if spoken.bare and currency not in DOLLARS:
        ticker = await _in_currency(ctx, spoken, currency)
    else:
        ticker = await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=spoken.echo)
    if ticker.pair.quote != currency:
        ctx.note(quoted_in=ticker.pair.quote)
    if not request.include_24h:
        for field in DAY:
            ctx.lacks(field, "left out, as include_24h=false asks")
        return PriceReply(symbol=spoken.echo, price=ticker.last, timestamp=ticker.time_ms)
    ctx.note(volume_scope=ticker.scope or ctx.source_of(TICKERS))
    reply = PriceReply(
        symbol=spoken.echo,
        price=ticker.last,
        change_24h=ticker.change_percent,
        high_24h=ticker.high,
        low_24h=ticker.low,
        volume_24h=ticker.volume,
        timestamp=ticker.time_ms,
    )
    for field in DAY:
        if getattr(reply, field) is None and field not in ctx.missing:
            ctx.lacks(field, f"{ctx.source_of(TICKERS)} does not state it")
    return reply


async def _in_currency(ctx: Context, spoken: Spoken, currency: str) -> Ticker:
    """The pair in that currency if somebody quotes it, else the dollar's times the rate."""
    base = spoken.pair.base
    try:
        return await ctx.fetch(TICKERS, PairQuery(Pair(base, currency)), symbol=spoken.echo)
    except (InvalidSymbol, UpstreamUnavailable):
        dollars = await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=spoken.echo)
        rate = await dollar_rate(ctx, currency, "convert")
        ctx.note(quoted_in=dollars.pair.quote)
        for field in ("change_24h", "high_24h", "low_24h"):
            ctx.lacks(field, f"known in {dollars.pair.quote} only")
        return Ticker(
            pair=Pair(base, currency),
            last=dollars.last * rate,
            time_ms=dollars.time_ms,
            volume=dollars.volume * rate if dollars.volume is not None else None,
            scope=dollars.scope,
        )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/price/{symbol:path}",
        request=PriceRequest,
        reply=PriceReply,
        call=price,
        feeds=(RATES, TICKERS),
    ),
)
handler = lambda_handler(*endpoints)
