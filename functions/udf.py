"""GET /udf/config, /udf/symbols, /udf/search, /udf/time: TradingView's chart protocol.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

from typing import Annotated

from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context
from lib.endpoint import Document, Endpoint, Request
from lib.queries import PairQuery
from lib.views.table import PRICES
from lib.views.udf import (
    EXCHANGE,
    INTRADAY,
    RESOLUTIONS,
    describe,
    find_pairs,
    name_of,
    price_scale,
    read_name,
)
from lib.views.udf_wire import Choice, ConfigReply, FoundSymbol, SymbolReply


class ConfigRequest(Request):
    """Nothing to choose."""


class SymbolRequest(Request):
    """Which symbol."""

    symbol: Annotated[str, Field(description="a symbol", examples=["BTCUSDT"])]


class SearchRequest(Request):
    """What to look for; `type` and `exchange` as the configuration lists them."""

    query: Annotated[str, Field(description="part of a symbol or a name", examples=["BTC"])] = ""
    type: str = ""
    exchange: str = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 30


async def udf_config(request: ConfigRequest, ctx: Context) -> ConfigReply:  # noqa: ARG001
    """What this chart feed can do."""
    return ConfigReply(
        supported_resolutions=list(RESOLUTIONS),
        exchanges=[Choice("", "All exchanges", ""), Choice(EXCHANGE, EXCHANGE, "Every venue")],
        symbols_types=[Choice("", "All types"), Choice("crypto", "Crypto")],
    )


async def udf_symbols(request: SymbolRequest, ctx: Context) -> SymbolReply:
    """How a chart draws a pair. A pair that nobody trades is refused."""
    spoken = read_name(request.symbol)
    row = await ctx.fetch(
        PRICES, PairQuery(spoken.pair), fresh_s=PRICES.fresh_s, symbol=str(spoken.pair)
    )
    if row.pair.quote != spoken.pair.quote:
        ctx.note(quoted_in=row.pair.quote)
    name = name_of(spoken.pair)
    return SymbolReply(
        name=name,
        ticker=name,
        full_name=f"{EXCHANGE}:{name}",
        description=describe(spoken.pair, ctx.assets),
        currency_code=spoken.pair.quote,
        pricescale=price_scale(row.last),
        intraday_multipliers=list(INTRADAY),
        supported_resolutions=list(RESOLUTIONS),
    )


async def udf_search(request: SearchRequest, ctx: Context) -> list[FoundSymbol]:
    """Pairs of the first venue that answers whose symbol or name matches, the largest first."""
    if request.type.lower() not in ("", "crypto") or request.exchange.upper() not in ("", EXCHANGE):
        return []
    board = await ctx.board(PRICES, PRICES.fresh_s)
    pairs = find_pairs(board, ctx.assets, request.query, request.limit)
    return [
        FoundSymbol(
            symbol=(name := name_of(pair)),
            full_name=f"{EXCHANGE}:{name}",
            description=describe(pair, ctx.assets),
            ticker=name,
        )
        for pair in pairs
    ]


async def udf_time(request: ConfigRequest, ctx: Context) -> Document:  # noqa: ARG001
    """The server's clock in seconds, as text."""
    return Document(str(ctx.clock.now_ms() // 1000).encode(), "text/plain; charset=utf-8")


endpoints = (
    Endpoint(
        method="GET",
        path="/udf/config",
        request=ConfigRequest,
        reply=ConfigReply,
        call=udf_config,
        tag="Front-end paths",
    ),
    Endpoint(
        method="GET",
        path="/udf/symbols",
        request=SymbolRequest,
        reply=SymbolReply,
        call=udf_symbols,
        feeds=(PRICES,),
        tag="Front-end paths",
    ),
    Endpoint(
        method="GET",
        path="/udf/search",
        request=SearchRequest,
        reply=list[FoundSymbol],
        call=udf_search,
        feeds=(PRICES,),
        tag="Front-end paths",
    ),
    Endpoint(
        method="GET",
        path="/udf/time",
        request=ConfigRequest,
        reply=Annotated[Document, "text/plain"],
        call=udf_time,
        tag="Front-end paths",
        cached=False,
    ),
)
handler = lambda_handler(*endpoints)
