"""Coinbase Exchange spot market data. https://docs.cdp.coinbase.com/exchange/introduction/welcome"""

from typing import Any, ClassVar, Final

from msgspec import structs

from lib.clock import iso_utc
from lib.errors import SourceError, SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, TICKERS, TRADES
from lib.market import Book, Candles, Pair, Ticker, Trades
from lib.providers.base import Limit, Provider, serves
from lib.queries import CandleQuery, PairQuery
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.wire.coinbase import (
    MADE_OF,
    Stats,
    parse_book,
    parse_candles,
    parse_stats,
    parse_ticker,
    parse_trades,
)
from lib.wire.spans import MOST_CALLS, Span, cut_span, together, whole_span

GRANULARITY_S: Final = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86400}

PAGE: Final = 300  # bars in one answer


class Coinbase(Provider):
    """Spot markets, one product a call. Dollars there are US dollars, not Tether."""

    name = "coinbase"
    base_url = "https://api.exchange.coinbase.com"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(600, 60),)
    attribution = "Market data: Coinbase Exchange"
    terms = "Public endpoints, no key; 10 requests a second per address."

    @serves(TICKERS, weight=2)
    async def ticker(self, query: PairQuery) -> Ticker:
        """Price and best quotes; the day's range and change where the statistics answer too."""
        pair = listed_pair(query.pair)
        path = f"/products/{wire_product(pair)}"
        calls: list[Any] = [self.get(f"{path}/ticker"), self._day(f"{path}/stats")]
        payload, day = await together(calls)
        return parse_ticker(payload.body, pair, payload.time_ms, day)

    async def _day(self, path: str) -> "Stats | None":
        try:
            return parse_stats((await self.get(path)).body)
        except SourceError:
            return None  # the ticker alone will do

    @serves(CANDLES, weight=MOST_CALLS)
    async def candles(self, query: CandleQuery) -> Candles:
        """Oldest first, timed at open, the running one included; at most 1200 of Coinbase's bars.

        Raises:
            SourceUnsupported: no such product, time frame or range.
        """
        listed = structs.replace(query, pair=listed_pair(query.pair))
        path = f"/products/{wire_product(listed.pair)}/candles"
        granularity = GRANULARITY_S[source_timeframe(query.timeframe)]
        pages = await together(
            self.get(path, granularity=granularity, start=iso_utc(first), end=iso_utc(last))
            for first, last in wire_spans(query, self._clock.now_ms())
        )
        return parse_candles([page.body for page in pages], listed, pages[-1].time_ms)

    @serves(BOOKS)
    async def book(self, query: PairQuery) -> Book:
        """The best hundred levels a side."""
        pair = listed_pair(query.pair)
        payload = await self.get(f"/products/{wire_product(pair)}/book", level=2)
        return await self.decode(parse_book, payload, pair, payload.time_ms)

    @serves(TRADES)
    async def trades(self, query: PairQuery) -> Trades:
        """The newest trades, oldest first."""
        pair = listed_pair(query.pair)
        payload = await self.get(f"/products/{wire_product(pair)}/trades", limit=500)
        return await self.decode(parse_trades, payload, pair, payload.time_ms)


def listed_pair(pair: Pair) -> Pair:
    """The pair that Coinbase lists for this one: Tether quotes are dollars there."""
    return Pair(pair.base, "USD") if pair.quote == "USDT" else pair


def wire_product(pair: Pair) -> str:
    """`BTC/USD` as Coinbase writes it, `BTC-USD`."""
    return f"{pair.base}-{pair.quote}"


def source_timeframe(timeframe: str) -> str:
    """The time frame to ask for: itself, or the one that it is made of.

    Raises:
        SourceUnsupported: no such time frame.
    """
    asked = MADE_OF.get(timeframe, timeframe)
    if asked not in GRANULARITY_S:
        raise SourceUnsupported(f"coinbase: no {shown(timeframe)} bars")
    return asked


def wire_spans(query: CandleQuery, now_ms: int) -> list[Span]:
    """The pages to ask for.

    Raises:
        SourceUnsupported: no such time frame, no bar yet, or more than four pages.
    """
    asked = source_timeframe(query.timeframe)
    first, last = whole_span(query, now_ms)
    end = last + TIMEFRAME_MS[query.timeframe] - TIMEFRAME_MS[asked]
    return cut_span(Span(first, min(end, open_of(now_ms, asked))), asked, PAGE)
