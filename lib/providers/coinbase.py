"""Coinbase Exchange spot market data. https://docs.cdp.coinbase.com/exchange/introduction/welcome"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from msgspec import Struct, structs

from lib.candles import Bar, build_candles, resample
from lib.clock import iso_utc
from lib.errors import SourceError, SourceMalformed, SourceUnsupported, shown
from lib.feeds import BOOKS, CANDLES, TICKERS, TRADES
from lib.market import Book, Candles, Pair, Ticker, Trade, Trades
from lib.providers.base import Limit, Provider, serves
from lib.queries import CandleQuery, PairQuery
from lib.timeframes import TIMEFRAME_MS, open_of
from lib.wire.iso import parse_iso
from lib.wire.spans import MOST_CALLS, Span, cut_span, together, whole_span
from lib.wire.typed import wire_decoder
from lib.wire.venues import (
    Level,
    Number,
    Serial,
    amount,
    build_book,
    build_trades,
    price,
    read_rows,
    signed,
)

GRANULARITY_S: Final = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "1d": 86400}
MADE_OF: Final = {"30m": "15m", "4h": "1h", "1w": "1d"}
"""Time frames that Coinbase lacks, and what they are added up from."""

PAGE: Final = 300  # bars in one answer
DEEPEST: Final = 100  # levels of a book


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


class _Ticker(Struct):
    price: Number
    bid: Number = None
    ask: Number = None
    volume: Number = None  # base, last 24 hours
    time: str | None = None  # of the last trade, down to nanoseconds


_ticker = wire_decoder(_Ticker)


class Stats(Struct):
    """A product's last 24 hours."""

    open: Number = None
    high: Number = None
    low: Number = None


_stats = wire_decoder(Stats)


def parse_stats(body: bytes) -> Stats:
    """Read `GET /products/{id}/stats`."""
    stats: Stats = _stats(body)
    return stats


def parse_ticker(body: bytes, pair: Pair, time_ms: int, day: Stats | None = None) -> Ticker:
    """Read `GET /products/{id}/ticker`, with the statistics of the day if they came too.

    Raises:
        SourceMalformed: there is no price.
    """
    row: _Ticker = _ticker(body)
    last = price(row.price)
    if last is None:
        raise SourceMalformed(f"coinbase: {pair} has no price")
    day = day or Stats()
    opened = price(day.open)
    return Ticker(
        pair=pair,
        last=last,
        time_ms=parse_iso(row.time) or time_ms,
        bid=price(row.bid),
        ask=price(row.ask),
        high=price(day.high),
        low=price(day.low),
        change_percent=signed((last - opened) / opened * 100) if opened else None,
        base_volume=amount(row.volume),
    )


class _Bar(Struct, array_like=True):
    time_s: int
    low: float
    high: float
    open: float
    close: float
    volume: float


_decode_bars = wire_decoder(list[_Bar])


def parse_candles(bodies: Sequence[bytes], query: CandleQuery, time_ms: int) -> Candles:
    """Read pages of `GET /products/{id}/candles`, newest first; bars without a trade are absent."""
    bars = [
        Bar(row.time_s * 1000, row.open, row.high, row.low, row.close, row.volume)
        for body in bodies
        for row in _decode_bars(body)
    ]
    if query.timeframe in MADE_OF:
        bars = resample(bars, query.timeframe)
    return build_candles(query, bars, time_ms)


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    time: str | None = None


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /products/{id}/book?level=2`: every level, of which the best hundred are kept."""
    book: _Book = _book(body)
    whole = build_book(pair, book.bids, book.asks, parse_iso(book.time) or time_ms)
    return structs.replace(whole, bids=whole.bids[:DEEPEST], asks=whole.asks[:DEEPEST])


class _Trade(Struct):
    trade_id: Serial
    price: float
    size: float
    side: Literal["buy", "sell"]  # the maker's
    time: str


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /products/{id}/trades`: newest first, and `side` is the maker's."""
    rows = (
        Trade(
            id=str(row.trade_id),
            timestamp=at_ms,
            price=row.price,
            amount=row.size,
            side="sell" if row.side == "buy" else "buy",
        )
        for row in read_rows(body, _trade)
        if (at_ms := parse_iso(row.time))
    )
    return build_trades(pair, rows, time_ms)
