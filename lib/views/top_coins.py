"""The first coins of the market table in dollars, as several front-end paths show them."""

from collections.abc import Sequence

from msgspec import Struct

from lib.context import Context, gather
from lib.feeds import LISTINGS
from lib.queries import ListQuery
from lib.views.table import PRICES, MarketRow, build_rows, sort_rows

PAGES = 2
"""500 rows, as `/api/market` asks for: one kept list serves all."""


async def read_top(ctx: Context, by: str = "rank", *, ascending: bool = False) -> list[MarketRow]:
    """Every row, sorted."""
    listings, tickers = await gather(
        ctx.fetch(LISTINGS, ListQuery(PAGES)), ctx.board_or_none(PRICES, PRICES.fresh_s)
    )
    as_of = ctx.as_of_ms(PRICES) or listings.time_ms
    return sort_rows(build_rows(listings.rows, tickers, 1.0, as_of), by, ascending=ascending)


def read_time(ctx: Context) -> int:
    """When the prices of a table were read, else its slow facts."""
    return ctx.as_of_ms(PRICES) or ctx.as_of_ms(LISTINGS)


def say_gaps(ctx: Context, rows: Sequence[Struct], *names: str) -> None:
    """Say under each name of the rows why a field of some is null."""
    reason = f"{ctx.source_of(LISTINGS)} does not state it for every coin"
    for field in rows[0].__struct_fields__ if rows else ():
        if any(getattr(row, field) is None for row in rows):
            for name in names:
                ctx.lacks(f"{name}[].{field}", reason)
