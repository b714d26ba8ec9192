"""Bars for endpoints: a range without trades is empty, a symbol that nobody knows is an error."""

from lib.context import Context
from lib.errors import InvalidSymbol
from lib.feeds import CANDLES, TICKERS, Feed
from lib.market import Candles
from lib.queries import CandleQuery, PairQuery


async def fetch_bars(
    ctx: Context, query: CandleQuery, feed: Feed[CandleQuery, Candles] = CANDLES
) -> Candles:
    """The bars; none when the pair trades today, but no source has bars in the range.

    Args:
        feed: candles, perhaps of another freshness.

    Raises:
        InvalidSymbol: no source knows the pair.
    """
    try:
        found = await ctx.fetch(feed, query, symbol=str(query.pair))
    except InvalidSymbol:
        if query.since_ms is None and query.until_ms is None:
            raise
        await ctx.fetch(TICKERS, PairQuery(query.pair), symbol=str(query.pair))
        return Candles(query.pair, query.timeframe, (), ctx.clock.now_ms())
    if found.pair.quote != query.pair.quote:
        ctx.note(quoted_in=found.pair.quote)
    return found
