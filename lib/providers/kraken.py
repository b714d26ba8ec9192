"""Kraken spot market data. https://docs.kraken.com/api/docs/rest-api/get-ticker-information"""

from collections.abc import Mapping
from typing import ClassVar, Final

from lib.errors import SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, EXCHANGES, RATES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, Rates, Ticker, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.wire.kraken import (
    WINDOW,
    parse_book,
    parse_candles,
    parse_rates,
    parse_tickers,
    parse_trades,
)
from lib.wire.kraken_names import wire_pair
from lib.wire.kraken_rules import parse_exchange
from lib.wire.renames import alias_renamed
from lib.wire.spans import whole_span

INTERVALS: Final = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240, "1d": 1440}


class Kraken(Provider):
    """Spot markets; every ticker comes in one call."""

    name = "kraken"
    base_url = "https://api.kraken.com"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(60, 60),)
    attribution = "Market data: Kraken"
    terms = "Public endpoints, no key; about one call a second per address."

    @serves_all(TICKERS)
    async def tickers(self) -> Mapping[str, Ticker]:
        """Every pair, by `BASE/QUOTE`."""
        payload = await self.get("/0/public/Ticker")
        return alias_renamed(await self.decode(parse_tickers, payload, payload.time_ms))

    @serves(RATES)
    async def rates(self, _: Everything) -> Rates:
        """Currencies and stablecoins that are traded against the US dollar."""
        payload = await self.get("/0/public/Ticker")
        return await self.decode(parse_rates, payload, payload.time_ms)

    @serves(CANDLES)
    async def candles(self, query: CandleQuery) -> Candles:
        """Oldest first, timed at open, the running one included; the newest 720 bars or nothing.

        Raises:
            SourceUnsupported: no such pair, or bars older than Kraken's window.
        """
        interval = wire_interval(query, self._clock.now_ms())
        pair = wire_pair(query.pair)
        payload = await self.get("/0/public/OHLC", pair=pair, interval=interval)
        return await self.decode(parse_candles, payload, query, payload.time_ms)

    @serves(BOOKS)
    async def book(self, query: PairQuery) -> Book:
        """The best hundred levels a side."""
        payload = await self.get("/0/public/Depth", pair=wire_pair(query.pair), count=100)
        return await self.decode(parse_book, payload, query.pair, payload.time_ms)

    @serves(TRADES)
    async def trades(self, query: PairQuery) -> Trades:
        """The newest trades, oldest first."""
        payload = await self.get("/0/public/Trades", pair=wire_pair(query.pair), count=500)
        return await self.decode(parse_trades, payload, query.pair, payload.time_ms)

    @serves(EXCHANGES)
    async def exchange(self, _: Everything) -> Exchange:
        """Every pair with its smallest order and its fees at the lowest volume."""
        payload = await self.get("/0/public/AssetPairs")
        return await self.decode(parse_exchange, payload, payload.time_ms)


def wire_interval(query: CandleQuery, now_ms: int) -> int:
    """The interval to ask for, in minutes; weeks are made of days, for Kraken's open on Thursday.

    Raises:
        SourceUnsupported: no such time frame, or bars older than Kraken's window.
    """
    timeframe = "1d" if query.timeframe == "1w" else query.timeframe
    if timeframe not in INTERVALS:
        raise SourceUnsupported(f"kraken: no {shown(query.timeframe)} bars")
    oldest = open_of(now_ms, timeframe) - (WINDOW - 1) * TIMEFRAME_MS[timeframe]
    if query.limit > WINDOW or whole_span(query, now_ms).first_ms < oldest:
        raise SourceUnsupported(f"kraken: only the newest {WINDOW} bars of a kind")
    return INTERVALS[timeframe]
