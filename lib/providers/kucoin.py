"""KuCoin spot market data. https://www.kucoin.com/docs-new/rest/spot-trading/market-data"""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from lib.candles import build_candles, resample
from lib.errors import SourceThrottled, SourceUnavailable, SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, EXCHANGES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, Ticker, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, WEEK_MS
from lib.wire.kucoin import parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.kucoin_answer import refusal
from lib.wire.kucoin_names import wire_symbol
from lib.wire.kucoin_rules import parse_exchange
from lib.wire.renames import alias_renamed
from lib.wire.spans import Span, cut_span, together, whole_span
from lib.wire.venues import tether_pair

MOST_BARS: Final = 1500

SPARE_BARS: Final = 200
"""How far back to look at least for the newest bars: those in which nobody traded do not come."""

BAR_TYPES: Final = {
    "1m": "1min", "5m": "5min", "15m": "15min", "30m": "30min", "1h": "1hour", "4h": "4hour",
    "1d": "1day",
}  # fmt: skip
"""No week: on which day KuCoin opens one is not documented, so weeks are added up from days."""


class KuCoin(Provider):
    """Errors come with HTTP 200, too: an answer is one only if its code is 200000."""

    name = "kucoin"
    base_url = "https://api.kucoin.com"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(2000, 30),)
    attribution = "Market data by KuCoin"
    terms = "Public market data without a key; 2000 units in 30 s for each address, not in the US."

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Believe KuCoin's own code before the status, and its reset time before ours."""
        reset_ms = headers.get("gw-ratelimit-reset", "")
        if status == 429 and reset_ms.isdecimal() and len(reset_ms) < 10:
            raise SourceThrottled("kucoin: 429", max(1.0, int(reset_ms) / 1000))
        if status in (400, 404):
            raise refusal(body) or SourceUnavailable(f"kucoin: {status} {shown(body[:80])}")
        super().refuse(status, headers, body)

    @serves_all(TICKERS, weight=15)
    async def tickers(self) -> Mapping[str, Ticker]:
        """Every pair, by `BASE/QUOTE`."""
        payload = await self.get("/api/v1/market/allTickers")
        return alias_renamed(await self.decode(parse_tickers, payload, payload.time_ms))

    @serves(CANDLES, weight=3)
    async def candles(self, query: CandleQuery) -> Candles:
        """Oldest first, timed at open, the running one included; at most 6000 (857 weeks).

        Raises:
            SourceUnsupported: no such pair, or more bars than four calls give.
        """
        listed = msgspec.structs.replace(query, pair=tether_pair(query.pair))
        timeframe, span = _asked_span(listed, self._clock.now_ms())
        payloads = await together(
            # seconds; whether the end is included is not documented: one second more is either way
            self.get(
                "/api/v1/market/candles",
                symbol=wire_symbol(listed.pair),
                type=BAR_TYPES[timeframe],
                startAt=cut.first_ms // 1000,
                endAt=cut.last_ms // 1000 + 1,
            )
            for cut in cut_span(span, timeframe, MOST_BARS)
        )
        bars = [bar for payload in payloads for bar in parse_bars(payload.body)]
        if not bars:
            raise SourceUnsupported("kucoin: nobody traded in this range")
        if timeframe != query.timeframe:
            bars = resample(bars, query.timeframe)
        return build_candles(listed, bars, payloads[-1].time_ms)

    @serves(BOOKS, weight=4)
    async def book(self, query: PairQuery) -> Book:
        """A hundred levels a side, best first."""
        pair = tether_pair(query.pair)
        path = "/api/v1/market/orderbook/level2_100"
        payload = await self.get(path, symbol=wire_symbol(pair))
        return parse_book(payload.body, pair, payload.time_ms)

    @serves(TRADES, weight=3)
    async def trades(self, query: PairQuery) -> Trades:
        """The last hundred trades, oldest first: KuCoin gives neither more nor fewer."""
        pair = tether_pair(query.pair)
        payload = await self.get("/api/v1/market/histories", symbol=wire_symbol(pair))
        return parse_trades(payload.body, pair, payload.time_ms)

    @serves(EXCHANGES, weight=4)
    async def exchange(self, _: Everything) -> Exchange:
        """Every pair, with its fees for a user of level 0."""
        payload = await self.get("/api/v2/symbols")
        return await self.decode(parse_exchange, payload, payload.time_ms)


def _asked_span(query: CandleQuery, now_ms: int) -> tuple[str, Span]:
    """The time frame to ask KuCoin for, and from which bar to which."""
    if query.timeframe == "1w":
        weeks = whole_span(query, now_ms)
        return "1d", Span(weeks.first_ms, weeks.last_ms + WEEK_MS - DAY_MS)
    if query.since_ms is None and query.limit < SPARE_BARS:
        query = msgspec.structs.replace(query, limit=SPARE_BARS)
    return query.timeframe, whole_span(query, now_ms)
