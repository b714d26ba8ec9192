"""The market table as sources give it: pages put together, and the tickers that it contains."""

from collections.abc import Iterable

from lib.market import Listing, Listings, Ticker
from lib.wire.venues import read_pair


def merge_pages(pages: Iterable[Listings]) -> Listings:
    """One table out of pages, best rank first; a coin that moved between them stands once."""
    pages = list(pages)
    rows: dict[str, Listing] = {}
    for row in (row for page in pages for row in page.rows):
        rows.setdefault(row.id, row)
    ordered = sorted(rows.values(), key=lambda row: row.rank or 10**9)
    return Listings(tuple(ordered), max(page.time_ms for page in pages))


def tickers_of(listings: Listings) -> dict[str, Ticker]:
    """Tickers in US dollars; of several coins with one ticker the best rank is meant."""
    found: dict[str, Ticker] = {}
    for row in listings.rows:
        pair = read_pair(row.symbol, "USD")
        if row.price is None or pair is None or str(pair) in found:
            continue
        found[str(pair)] = Ticker(
            pair=pair,
            last=row.price,
            time_ms=row.updated_ms or listings.time_ms,
            high=row.high_24h,
            low=row.low_24h,
            change_percent=row.change_24h,
            volume=row.volume_24h,
            scope="global",
        )
    return found
