"""OKX spot market data, API v5. https://www.okx.com/docs-v5/en/#order-book-trading-market-data"""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from lib.candles import build_candles
from lib.errors import SourceUnavailable, shown
from lib.feeds import BOOKS, CANDLES, EXCHANGES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, Pair, Ticker, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import TIMEFRAME_MS
from lib.wire.okx import parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.okx_answer import refusal
from lib.wire.okx_rules import parse_exchange
from lib.wire.renames import alias_renamed
from lib.wire.spans import cut_span, together, whole_span
from lib.wire.venues import tether_pair

BARS: Final = {
    "1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1H", "4h": "4H",
    "1d": "1Dutc", "1w": "1Wutc",
}  # fmt: skip
"""Without `utc`, days and weeks open in Hong Kong."""

RECENT: Final = 1440
"""Bars that `market/candles` goes back, 300 a call; `history-candles` goes further, 100 a call."""


class Okx(Provider):
    """Errors come with HTTP 200, too: an answer is one only if its code is 0."""

    name = "okx"
    base_url = "https://www.okx.com"
    # each route has 20 to 100 requests in 2 s of its own; the least of them serves for all
    limits: ClassVar[tuple[Limit, ...]] = (Limit(20, 2),)
    attribution = "Market data by OKX"
    terms = "Public market data without a key; limits by address and route."

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Believe OKX's own code before a status of 400 or 404."""
        if status in (400, 404):
            raise refusal(body) or SourceUnavailable(f"okx: {status} {shown(body[:80])}")
        super().refuse(status, headers, body)

    @serves_all(TICKERS)
    async def tickers(self) -> Mapping[str, Ticker]:
        """Every spot pair, by `BASE/QUOTE`."""
        payload = await self.get("/api/v5/market/tickers", instType="SPOT")
        return alias_renamed(await self.decode(parse_tickers, payload, payload.time_ms))

    @serves(CANDLES, weight=2)
    async def candles(self, query: CandleQuery) -> Candles:
        """Oldest first, timed at open, the running one included; at most 1200, older ones 400.

        Raises:
            SourceUnsupported: no such pair, or more bars than four calls give.
        """
        listed = msgspec.structs.replace(query, pair=tether_pair(query.pair))
        now_ms = self._clock.now_ms()
        span = whole_span(query, now_ms)
        step = TIMEFRAME_MS[query.timeframe]
        recent = span.first_ms > now_ms - RECENT * step
        route, most = ("candles", 300) if recent else ("history-candles", 100)
        payloads = await together(
            # both ends are excluded
            self.get(
                f"/api/v5/market/{route}",
                instId=wire_symbol(listed.pair),
                bar=BARS[query.timeframe],
                before=cut.first_ms - 1,
                after=cut.last_ms + 1,
                limit=most,
            )
            for cut in cut_span(span, query.timeframe, most)
        )
        bars = [bar for payload in payloads for bar in parse_bars(payload.body)]
        return build_candles(listed, bars, payloads[-1].time_ms)

    @serves(BOOKS)
    async def book(self, query: PairQuery) -> Book:
        """A hundred levels a side, best first."""
        pair = tether_pair(query.pair)
        payload = await self.get("/api/v5/market/books", instId=wire_symbol(pair), sz=100)
        return parse_book(payload.body, pair, payload.time_ms)

    @serves(TRADES)
    async def trades(self, query: PairQuery) -> Trades:
        """The last 500 trades, oldest first."""
        pair = tether_pair(query.pair)
        payload = await self.get("/api/v5/market/trades", instId=wire_symbol(pair), limit=500)
        return parse_trades(payload.body, pair, payload.time_ms)

    @serves(EXCHANGES)
    async def exchange(self, _: Everything) -> Exchange:
        """Every spot pair."""
        payload = await self.get("/api/v5/public/instruments", instType="SPOT")
        return await self.decode(parse_exchange, payload, payload.time_ms)


def wire_symbol(pair: Pair) -> str:
    """`BTC/USDT` as OKX writes it, `BTC-USDT`."""
    return f"{pair.base}-{pair.quote}"
