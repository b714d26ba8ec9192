"""Binance spot market data. https://developers.binance.com/docs/binance-spot-api-docs/rest-api"""

from collections.abc import Mapping
from typing import ClassVar, Final

import httpx
import msgspec
from msgspec import Struct

from lib.candles import Bar, build_candles
from lib.errors import SourceMalformed, SourceUnavailable, SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, EXCHANGES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, MarketRule, Pair, Ticker, Trade, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.wire.binance_names import own_pair, split_symbols, wire_symbol
from lib.wire.renames import alias_renamed
from lib.wire.spans import cut_span, together, whole_span
from lib.wire.typed import wire_decoder
from lib.wire.venues import (
    Level,
    Millis,
    Number,
    Serial,
    amount,
    build_book,
    build_trades,
    price,
    read_rows,
    signed,
    tether_pair,
)

MOST_BARS: Final = 1000

FEE: Final = 0.001
"""What a regular user pays as maker and as taker. https://www.binance.com/en/fee/trading, 2026-10:
the exchange information itself states no fee."""

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


class _Ticker(Struct, rename="camel", gc=False):
    symbol: str
    last_price: Number
    close_time: Millis | None = None
    bid_price: Number = None
    ask_price: Number = None
    high_price: Number = None
    low_price: Number = None
    price_change_percent: Number = None
    volume: Number = None
    quote_volume: Number = None


_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v3/ticker/24hr` of all symbols.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    rows: list[_Ticker] = read_rows(body, _ticker)
    pairs = split_symbols(row.symbol for row in rows)
    board = {}
    for row in rows:
        pair, last = pairs.get(row.symbol), price(row.last_price)
        bid, ask, volume = price(row.bid_price), price(row.ask_price), amount(row.quote_volume)
        # a halted pair keeps its last price for ever; nobody bids, asks or trades
        if not pair or not last or not (bid or ask or volume):
            continue
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=row.close_time or time_ms,
            bid=bid,
            ask=ask,
            high=price(row.high_price),
            low=price(row.low_price),
            change_percent=signed(row.price_change_percent),
            volume=volume,
            base_volume=amount(row.volume),
        )
    if not board:
        raise SourceMalformed("no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_ms: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    close_ms: int | None = None
    quote_volume: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v3/klines`: oldest first, timed at open, volumes in both assets."""
    return [
        Bar(
            row.open_ms,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            amount(row.quote_volume),
        )
        for row in _bars(body)
    ]


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v3/depth`, which says no time."""
    book: _Book = _book(body)
    return build_book(pair, book.bids, book.asks, time_ms)


class _Trade(Struct, rename="camel", gc=False):
    id: Serial
    time: Millis
    price: float
    qty: float
    is_buyer_maker: bool


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v3/trades`. Where the buyer was the maker, the taker sold."""
    rows = (
        Trade(str(row.id), row.time, row.price, row.qty, "sell" if row.is_buyer_maker else "buy")
        for row in read_rows(body, _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Filter(Struct, rename="camel", gc=False):
    filter_type: str
    min_price: Number = None
    max_price: Number = None
    min_qty: Number = None
    max_qty: Number = None


class _Symbol(Struct, rename="camel"):
    status: str
    base_asset: str
    quote_asset: str
    filters: list[_Filter] = []


class _ExchangeInfo(Struct, rename="camel"):
    symbols: msgspec.Raw
    server_time: Millis | None = None


_exchange_info = wire_decoder(_ExchangeInfo)
_symbol = wire_decoder(_Symbol)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v3/exchangeInfo`: limits of lot size and of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    info: _ExchangeInfo = _exchange_info(body)
    rows: list[_Symbol] = read_rows(info.symbols, _symbol)
    rules = tuple(rule for row in rows if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("no pair is listed")
    return Exchange("binance", rules, info.server_time or time_ms)


def _rule(row: _Symbol) -> MarketRule | None:
    pair = own_pair(row.base_asset, row.quote_asset)
    if not pair:
        return None
    filters = {one.filter_type: one for one in row.filters}
    lot = filters.get("LOT_SIZE", _NO_FILTER)
    prices = filters.get("PRICE_FILTER", _NO_FILTER)
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.status == "TRADING",
        min_amount=price(lot.min_qty),
        max_amount=price(lot.max_qty),
        min_price=price(prices.min_price),
        max_price=price(prices.max_price),
        maker_fee=FEE,
        taker_fee=FEE,
    )


_NO_FILTER: Final = _Filter("")


class _Error(Struct):
    code: int


_error = wire_decoder(_Error)


def error_code(body: bytes) -> int | None:
    """The number that Binance puts into its errors; `None` if this is none of them."""
    try:
        return int(_error(body).code)
    except SourceMalformed:
        return None
