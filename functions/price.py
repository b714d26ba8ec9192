"""GET /api/price/{symbol}, /api/price/{symbol}/consensus: the latest price of an asset and its last
24 hours; what several venues say of it, side by side.

Both in one file: a gateway's `{symbol+}` takes everything below `/api/price/`, so that one function
has to tell `BTC/USDT` from `BTC/USDT/consensus`, as the router does elsewhere.
"""

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
from lib.views.consensus import QUOTES, Consensus, Dropped, VenueQuote, build_consensus
from lib.views.currency import dollar_rate
from lib.views.dust import times

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


class ConsensusRequest(Request):
    """Which pair."""

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]


class ConsensusReply(Reply, kw_only=True):
    """Quotes of one pair side by side, in the order in which a price is asked for.

    `median` is that of `n` venues which agree, in `currency`; `spread_bps` lies between their
    lowest and highest, as a share of the median. Both are null where fewer than two agree.
    """

    symbol: AssetName
    currency: str
    median: Price | None
    spread_bps: float | None
    n: int
    quotes: list[VenueQuote]
    dropped: list[Dropped]
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


async def price_consensus(request: ConsensusRequest, ctx: Context) -> ConsensusReply:
    """What every venue that lists a pair says of it, and on what they agree.

    A quote is dropped if it is more than 5 % off the median while the others agree, over a minute
    old by the venue's own time, in another currency (US dollars and Tether are two), or from a
    venue that stands still. What is over five seconds old is asked for again first: quotes of
    different moments do not compare. An asset alone is read as its USDT pair. `timestamp` is when
    the quotes were compared.
    """
    spoken = ctx.read_symbol(request.symbol)
    told = await ctx.fetch_each(QUOTES, PairQuery(spoken.pair), symbol=spoken.echo)
    now_ms = ctx.clock.now_ms()
    made = build_consensus(told, spoken.pair.quote, now_ms)
    if made.currency != spoken.pair.quote:
        ctx.note(quoted_in=made.currency)
    _say_missing(ctx, made)
    return ConsensusReply(
        symbol=spoken.echo,
        currency=made.currency,
        median=made.median,
        spread_bps=made.spread_bps,
        n=made.used,
        quotes=made.quotes,
        dropped=made.dropped,
        timestamp=now_ms,
    )


def _say_missing(ctx: Context, made: Consensus) -> None:
    if made.median is None:
        for field in ("median", "spread_bps", "quotes[].deviation_bps"):
            ctx.lacks(field, made.reason)
    elif any(one.deviation_bps is None for one in made.quotes):
        ctx.lacks("quotes[].deviation_bps", f"not priced in {made.currency}")
    for field in ("bid", "ask"):
        silent = [one.source for one in made.quotes if getattr(one, field) is None]
        if silent:
            ctx.lacks(f"quotes[].{field}", f"{', '.join(silent)} does not state it")


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
            last=times(dollars.last, rate),
            time_ms=dollars.time_ms,
            volume=times(dollars.volume, rate) if dollars.volume is not None else None,
            scope=dollars.scope,
        )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/price/{symbol:path}/consensus",
        request=ConsensusRequest,
        reply=ConsensusReply,
        call=price_consensus,
        feeds=(QUOTES,),
    ),
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
