"""GET /udf/quotes: prices as TradingView's watch lists read them.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

from typing import Annotated

from msgspec import UNSET, UnsetType
from pydantic import Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Request
from lib.errors import ApiError, InvalidParameter, InvalidSymbol, shown
from lib.feeds import TICKERS
from lib.market import Ticker
from lib.queries import PairQuery
from lib.views.dust import apart
from lib.views.many import split_words
from lib.views.udf import EXCHANGE, describe, name_of, read_name
from lib.views.udf_wire import Quote, QuoteRow, QuotesReply

MOST_QUOTES = 100


class QuotesRequest(Request):
    """Which symbols."""

    symbols: Annotated[
        str, Field(description="symbols separated by commas", examples=["BTCUSDT,ETHUSDT"])
    ]


async def udf_quotes(request: QuotesRequest, ctx: Context) -> QuotesReply:
    """Prices of pairs and their last 24 hours, at most 100."""
    words = split_words(request.symbols, "symbols", MOST_QUOTES)
    found = await gather(*(_quote(ctx, word) for word in words))
    failed = [one for one in found if isinstance(one, ApiError)]
    if len(failed) == len(found):
        for error in failed:
            if not isinstance(error, InvalidSymbol | InvalidParameter):
                raise error
    rows = []
    for word, one in zip(words, found, strict=True):
        if isinstance(one, ApiError):
            ctx.lacks(f"d[{word}]", one.message, failed=one.status >= 500)
            rows.append(QuoteRow("error", shown(word), Quote(), one.message))
        else:
            rows.append(QuoteRow("ok", word, one))
    return QuotesReply("ok", rows)


async def _quote(ctx: Context, word: str) -> Quote | ApiError:
    try:
        spoken = read_name(word)
        row = await ctx.fetch(TICKERS, PairQuery(spoken.pair), symbol=str(spoken.pair))
    except ApiError as error:
        return error
    return _shape(row, name_of(spoken.pair), describe(spoken.pair, ctx.assets))


def _shape(row: Ticker, name: str, description: str) -> Quote:
    opened = None
    if row.change_percent is not None and row.change_percent > -100:
        opened = row.last / (1 + row.change_percent / 100)
    spread = apart(row.ask, row.bid) if row.ask is not None and row.bid is not None else None
    return Quote(
        lp=row.last,
        ch=_said(apart(row.last, opened) if opened is not None else None),
        chp=_said(row.change_percent),
        open_price=_said(opened),
        high_price=_said(row.high),
        low_price=_said(row.low),
        prev_close_price=_said(opened),
        ask=_said(row.ask),
        bid=_said(row.bid),
        spread=_said(spread),
        volume=_said(row.volume),
        short_name=name,
        exchange=EXCHANGE,
        description=description,
    )


def _said(value: float | None) -> float | UnsetType:
    return UNSET if value is None else value


endpoints = (
    Endpoint(
        method="GET",
        path="/udf/quotes",
        request=QuotesRequest,
        reply=QuotesReply,
        call=udf_quotes,
        feeds=(TICKERS,),
        tag="Front-end paths",
    ),
)
handler = lambda_handler(*endpoints)
