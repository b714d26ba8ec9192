"""GET /api/service/rate and /api/service/rate/batch: prices of pairs as front ends read them."""

from typing import Annotated, ClassVar

from msgspec import Struct
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import TICKERS
from lib.market import Ticker
from lib.queries import PairQuery
from lib.symbols import Spoken
from lib.units import PairName, Percent, Price, QuoteVolume, UnixMs
from lib.views.many import ask_each, read_symbols

MOST_PAIRS = 100


class RateRequest(Request):
    """Which pair."""

    aliases: ClassVar[dict[str, str]] = {"symbol": "pair"}

    pair: Annotated[str, Field(description="an asset or a pair, in any spelling")]


class RatesRequest(Request):
    """Which pairs."""

    aliases: ClassVar[dict[str, str]] = {"symbols": "pairs"}

    pairs: Annotated[str, Field(max_length=4000, description="pairs separated by commas")]


class Rate(Struct):
    """A pair's price. `ts` is in Unix milliseconds."""

    pair: PairName
    price: Price
    quote: str
    ts: UnixMs


class RateRow(Rate, kw_only=True):
    """A pair's price and its last 24 hours."""

    change24h: Percent | None
    volume24h: QuoteVolume | None
    timestamp: UnixMs


class RateReply(Reply, kw_only=True):
    """A pair's price, flat and once more in `data`."""

    pair: PairName
    price: Price
    quote: str
    change24h: Percent | None
    volume24h: QuoteVolume | None
    timestamp: UnixMs
    data: Rate


class RatesReply(Reply, kw_only=True):
    """Prices in the order asked; `data` holds the same rows as `rates`."""

    rates: list[RateRow]
    data: list[RateRow]
    count: int
    timestamp: UnixMs


async def service_rate(request: RateRequest, ctx: Context) -> RateReply:
    """Latest price of one pair; an asset alone is read as its USDT pair."""
    spoken = ctx.read_symbol(request.pair, "pair")
    row = await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=str(spoken.pair))
    if row.pair.quote != spoken.pair.quote:
        ctx.note(quoted_in=row.pair.quote)
    ctx.note(volume_scope=row.scope or ctx.source_of(TICKERS))
    reply = RateReply(
        pair=str(spoken.pair),
        price=row.last,
        quote=spoken.pair.quote,
        change24h=row.change_percent,
        volume24h=row.volume,
        timestamp=row.time_ms,
        data=Rate(str(spoken.pair), row.last, spoken.pair.quote, row.time_ms),
    )
    for field in ("change24h", "volume24h"):
        if getattr(reply, field) is None:
            ctx.lacks(field, f"{ctx.source_of(TICKERS)} does not state it")
    return reply


async def service_rate_batch(request: RatesRequest, ctx: Context) -> RatesReply:
    """Latest prices of several pairs, at most 100. A pair that nobody knows is left out, and
    `meta.missing` says so."""
    symbols = read_symbols(ctx, request.pairs, "pairs", MOST_PAIRS)

    async def ask(spoken: Spoken) -> Ticker:
        return await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=str(spoken.pair))

    found = await ask_each(ctx, symbols, "rates", ask)
    rows = [_row(symbols[word], ticker) for word, ticker in found.items()]
    for field in ("change24h", "volume24h"):
        if any(getattr(row, field) is None for row in rows):
            for name in ("rates", "data"):
                ctx.lacks(f"{name}[].{field}", f"{ctx.source_of(TICKERS)} does not state it")
    ctx.note(volume_scope=ctx.source_of(TICKERS))
    newest = max(row.timestamp for row in rows)
    return RatesReply(rates=rows, data=rows, count=len(rows), timestamp=newest)


def _row(spoken: Spoken, ticker: Ticker) -> RateRow:
    return RateRow(
        pair=str(spoken.pair),
        price=ticker.last,
        quote=spoken.pair.quote,
        ts=ticker.time_ms,
        change24h=ticker.change_percent,
        volume24h=ticker.volume,
        timestamp=ticker.time_ms,
    )


endpoints = (
    Endpoint(
        method="GET",
        path="/api/service/rate",
        request=RateRequest,
        reply=RateReply,
        call=service_rate,
        feeds=(TICKERS,),
        tag="Front-end paths",
    ),
    Endpoint(
        method="GET",
        path="/api/service/rate/batch",
        request=RatesRequest,
        reply=RatesReply,
        call=service_rate_batch,
        feeds=(TICKERS,),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
