"""Bars for endpoints: a range without trades is empty, a symbol that nobody knows is an error."""

from lib.context import Context
from lib.errors import InvalidSymbol
from lib.feeds import CANDLES, TICKERS, Feed
from lib.market import Candles, Pair
from lib.queries import CandleQuery, PairQuery
from lib.timeframes import TIMEFRAME_MS, open_of


def range_query(
    pair: Pair, timeframe: str, since_ms: int, until_ms: int, most: int, now_ms: int
) -> CandleQuery:
    """The question for the first `most` bars that open in [since, until], bounds on the grid of
    bars, so that askers share it.

    A range that reaches the running bar is left open at its end: by its end a question is judged
    to be settled, and the running bar is not.
    """
    step = TIMEFRAME_MS[timeframe]
    first, last = open_of(since_ms + step - 1, timeframe), open_of(until_ms, timeframe)
    count = min(most, max(1, (last - first) // step + 1))
    open_end = first <= last and last + step > now_ms
    return CandleQuery(pair, timeframe, count, first, None if open_end else last)


async def fetch_bars(
    ctx: Context, query: CandleQuery, feed: Feed[CandleQuery, Candles] = CANDLES
) -> Candles:
    """The bars; none when the pair trades today, but no source has bars in the range.

    Args:
        feed: candles, perhaps of another freshness.

    Raises:
        InvalidSymbol: no source knows the pair.
    """
    since, until = query.since_ms, query.until_ms
    between_bars = since is not None and until is not None and since > until
    try:
        if not between_bars:
            found = await ctx.fetch(feed, query, symbol=str(query.pair))
            if found.pair.quote != query.pair.quote:
                ctx.note(quoted_in=found.pair.quote)
            return found
    except InvalidSymbol:
        if since is None and until is None:
            raise
    await ctx.fetch(TICKERS, PairQuery(query.pair), symbol=str(query.pair))
    return Candles(query.pair, query.timeframe, (), ctx.clock.now_ms())
