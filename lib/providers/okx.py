"""OKX spot market data, API v5. https://www.okx.com/docs-v5/en/#order-book-trading-market-data"""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal

import msgspec
from msgspec import Struct, field

from lib.candles import Bar, build_candles
from lib.errors import (
    SourceError,
    SourceMalformed,
    SourceThrottled,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.feeds import BOOKS, CANDLES, EXCHANGES, TICKERS, TRADES
from lib.market import Book, Candles, Exchange, MarketRule, Pair, Ticker, Trade, Trades
from lib.providers.base import Limit, Provider, serves, serves_all
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import TIMEFRAME_MS
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
    read_pair,
    read_rows,
    signed,
    tether_pair,
)

BARS: Final = {
    "1m": "1m", "5m": "5m", "15m": "15m", "30m": "30m", "1h": "1H", "4h": "4H",
    "1d": "1Dutc", "1w": "1Wutc",
}  # fmt: skip
"""Without `utc`, days and weeks open in Hong Kong."""

RECENT: Final = 1440
"""Bars that `market/candles` goes back, 300 a call; `history-candles` goes further, 100 a call."""

MAKER_FEE, TAKER_FEE = 0.0008, 0.001
"""What a regular user of level 1 pays for Tether and crypto pairs. https://www.okx.com/fees,
2026-10; other quotes have tables of their own."""

FEE_QUOTES: Final = frozenset({"USDT", "BTC", "ETH"})


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
            raise _refusal(body) or SourceUnavailable(f"okx: {status} {shown(body[:80])}")
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


class _Answer(Struct):
    code: str
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_answer = wire_decoder(_Answer)


def _data(body: bytes) -> msgspec.Raw:
    answer: _Answer = _answer(body)
    if answer.code != "0":
        raise _failure(answer)
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"okx: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "50011":  # too many requests, counted over two seconds
        return SourceThrottled(said, 2.0)
    if answer.code in ("51000", "51001"):  # a parameter, the instrument
        return SourceUnsupported(said)
    return SourceUnavailable(said)


def _refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is OKX's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None


class _Ticker(Struct, rename="camel", gc=False):
    inst_id: str
    last: Number
    ts: Millis | None = None
    ask_px: Number = None
    bid_px: Number = None
    open24h: Number = None
    high24h: Number = None
    low24h: Number = None
    vol24h: Number = None
    vol_ccy24h: Number = field(name="volCcy24h", default=None)


_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v5/market/tickers` of spot pairs; of the change only the open is told.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    board = {}
    row: _Ticker
    for row in read_rows(_data(body), _ticker):
        base, _, quote = row.inst_id.partition("-")
        pair, last = read_pair(base, quote), price(row.last)
        if not pair or not last:
            continue
        first = price(row.open24h)
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=row.ts or time_ms,
            bid=price(row.bid_px),
            ask=price(row.ask_px),
            high=price(row.high24h),
            low=price(row.low24h),
            change_percent=signed((last - first) / first * 100) if first else None,
            volume=amount(row.vol_ccy24h),
            base_volume=amount(row.vol24h),
        )
    if not board:
        raise SourceMalformed("okx: no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_ms: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v5/market/candles`: newest first; spot pairs count in base, then in quote."""
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
        for row in _bars(_data(body))
    ]


class _Book(Struct):
    bids: list[Level]
    asks: list[Level]
    ts: Millis | None = None


_books = wire_decoder(list[_Book])


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v5/market/books`: a list of one book.

    Raises:
        SourceMalformed: it is not one book, or not a sound one.
    """
    books: list[_Book] = _books(_data(body))
    if len(books) != 1:
        raise SourceMalformed(f"okx: {len(books)} books where one was asked")
    book = books[0]
    return build_book(pair, book.bids, book.asks, book.ts or time_ms)


class _Trade(Struct, rename="camel", gc=False):
    trade_id: Serial
    px: float
    sz: float
    side: Literal["buy", "sell"]
    ts: Millis


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v5/market/trades`: newest first, `side` the taker's."""
    rows = (
        Trade(str(row.trade_id), row.ts, row.px, row.sz, row.side)
        for row in read_rows(_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Instrument(Struct, rename="camel", gc=False):
    base_ccy: str
    quote_ccy: str
    state: str
    min_sz: Number = None
    max_lmt_sz: Number = None


_instrument = wire_decoder(_Instrument)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v5/public/instruments` of spot pairs, which says no limit of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(_data(body), _instrument) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("okx: no pair is listed")
    return Exchange("okx", rules, time_ms)


def _rule(row: _Instrument) -> MarketRule | None:
    pair = read_pair(row.base_ccy, row.quote_ccy)
    if not pair:
        return None
    known = pair.quote in FEE_QUOTES
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.state == "live",
        min_amount=price(row.min_sz),
        max_amount=price(row.max_lmt_sz),
        maker_fee=MAKER_FEE if known else None,
        taker_fee=TAKER_FEE if known else None,
    )
