"""Binance spot market data. https://developers.binance.com/docs/binance-spot-api-docs/rest-api"""

from collections.abc import Mapping
from typing import ClassVar, Final

import httpx
import msgspec

from lib.candles import build_candles
from lib.errors import SourceUnavailable, SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, EXCHANGES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, Ticker, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.wire.binance import error_code, parse_bars, parse_book, parse_tickers, parse_trades
from lib.wire.binance_names import wire_symbol
from lib.wire.binance_rules import parse_exchange
from lib.wire.renames import alias_renamed
from lib.wire.spans import cut_span, together, whole_span
from lib.wire.venues import tether_pair

MOST_BARS: Final = 1000

_UNSUPPORTED: Final = frozenset({-1100, -1120, -1121})  # bad characters, interval, symbol


class Binance(Provider):
    """The data-only host: api.binance.com answers 451 in the US (ccxt/ccxt#15872)."""

    name = "binance"
    base_url = "https://data-api.binance.vision"
    limits: ClassVar[tuple[Limit, ...]] = (Limit(6000, 60),)
    attribution = "Market data by Binance"
    terms = "Public market data without a key; 6000 units of weight a minute for each address."

    def used_quota(self, headers: httpx.Headers) -> int | None:
        """The weight used in the running minute, as every answer states it."""
        stated = headers.get("x-mbx-used-weight-1m", "")
        return int(stated) if stated.isdecimal() and len(stated) < 10 else None

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Tell an unknown symbol from a request that Binance should have understood."""
        if status in (400, 404):
            said = f"{self.name}: {status} {shown(body[:80])}"
            if error_code(body) in _UNSUPPORTED:
                raise SourceUnsupported(said)
            raise SourceUnavailable(said)
        super().refuse(status, headers, body)

    @serves_all(TICKERS, weight=80)
    async def tickers(self) -> Mapping[str, Ticker]:
        """Every pair that trades, by `BASE/QUOTE`."""
        payload = await self.get("/api/v3/ticker/24hr")
        return alias_renamed(await self.decode(parse_tickers, payload, payload.time_ms))

    @serves(CANDLES, weight=2)
    async def candles(self, query: CandleQuery) -> Candles:
        """Oldest first, timed at open, the running one included; at most 4000.

        Raises:
            SourceUnsupported: no such pair, or more bars than four calls give.
        """
        listed = msgspec.structs.replace(query, pair=tether_pair(query.pair))
        windows = [(query.limit, query.since_ms, query.until_ms)]
        if query.limit > MOST_BARS:
            span = whole_span(query, self._clock.now_ms())
            cuts = cut_span(span, query.timeframe, MOST_BARS)
            windows = [(MOST_BARS, cut.first_ms, cut.last_ms) for cut in cuts]
        payloads = await together(
            self.get(
                "/api/v3/klines",
                symbol=wire_symbol(listed.pair),
                interval=query.timeframe,
                limit=limit,
                startTime=since,
                endTime=until,
            )
            for limit, since, until in windows
        )
        bars = [bar for payload in payloads for bar in parse_bars(payload.body)]
        return build_candles(listed, bars, payloads[-1].time_ms)

    @serves(BOOKS, weight=5)
    async def book(self, query: PairQuery) -> Book:
        """A hundred levels a side, best first."""
        pair = tether_pair(query.pair)
        payload = await self.get("/api/v3/depth", symbol=wire_symbol(pair), limit=100)
        return parse_book(payload.body, pair, payload.time_ms)

    @serves(TRADES, weight=25)
    async def trades(self, query: PairQuery) -> Trades:
        """The last 500 trades, oldest first."""
        pair = tether_pair(query.pair)
        payload = await self.get("/api/v3/trades", symbol=wire_symbol(pair), limit=500)
        return parse_trades(payload.body, pair, payload.time_ms)

    @serves(EXCHANGES, weight=20)
    async def exchange(self, _: Everything) -> Exchange:
        """Every pair, halted ones too. Without permission sets the answer is a third as long."""
        payload = await self.get("/api/v3/exchangeInfo", showPermissionSets="false")
        return await self.decode(parse_exchange, payload, payload.time_ms)
