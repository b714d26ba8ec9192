"""KuCoin spot market data. https://www.kucoin.com/docs-new/rest/spot-trading/market-data"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

import msgspec
from msgspec import Meta, Struct

from lib.candles import Bar, build_candles, resample
from lib.errors import (
    SourceError,
    SourceGeoBlocked,
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
from lib.timeframes import DAY_MS, WEEK_MS
from lib.wire.renames import alias_renamed
from lib.wire.spans import Span, cut_span, together, whole_span
from lib.wire.typed import wire_decoder
from lib.wire.venues import (
    Level,
    Millis,
    Nanos,
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

MOST_BARS: Final = 1500

SPARE_BARS: Final = 200
"""How far back to look at least for the newest bars: those in which nobody traded do not come."""

BAR_TYPES: Final = {
    "1m": "1min", "5m": "5min", "15m": "15min", "30m": "30min", "1h": "1hour", "4h": "4hour",
    "1d": "1day",
}  # fmt: skip
"""No week: on which day KuCoin opens one is not documented, so weeks are added up from days."""

WIRE_NAMES: Final = {"BSV": "BCHSV", "WAXP": "WAX"}
"""Assets that KuCoin shows by their own name but asks for by a former one."""

OWN_NAMES: Final = {wire: own for own, wire in WIRE_NAMES.items()}

CLASS_FEES: Final = {1: 0.001, 2: 0.002, 3: 0.003}
"""What a level-0 user pays for assets of class A, B and C, before a pair's coefficient.
https://www.kucoin.com/vip/privilege/fee, 2026-10."""


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
            raise _refusal(body) or SourceUnavailable(f"kucoin: {status} {shown(body[:80])}")
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


def wire_symbol(pair: Pair) -> str:
    """`BTC/USDT` as KuCoin writes it, `BTC-USDT`."""
    return f"{WIRE_NAMES.get(pair.base, pair.base)}-{pair.quote}"


def _asked_span(query: CandleQuery, now_ms: int) -> tuple[str, Span]:
    """The time frame to ask KuCoin for, and from which bar to which."""
    if query.timeframe == "1w":
        weeks = whole_span(query, now_ms)
        return "1d", Span(weeks.first_ms, weeks.last_ms + WEEK_MS - DAY_MS)
    if query.since_ms is None and query.limit < SPARE_BARS:
        query = msgspec.structs.replace(query, limit=SPARE_BARS)
    return query.timeframe, whole_span(query, now_ms)


def _own_pair(symbol: str) -> Pair | None:
    base, _, quote = symbol.partition("-")
    return read_pair(OWN_NAMES.get(base, base), quote)


class _Answer(Struct):
    code: str
    msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


_answer = wire_decoder(_Answer)


def _data(body: bytes) -> msgspec.Raw:
    answer: _Answer = _answer(body)
    if answer.code != "200000":
        raise _failure(answer)
    if bytes(answer.data) == b"null":
        raise SourceUnsupported("kucoin: no such pair")
    return answer.data


def _failure(answer: _Answer) -> SourceError:
    said = f"kucoin: {shown(answer.code, 12)} {shown(answer.msg or '')}"
    if answer.code == "429000":
        return SourceThrottled(said)
    if answer.code in ("900001", "400100"):  # no such symbol; no such pair or bar
        return SourceUnsupported(said)
    if answer.code == "400302":  # "unavailable in the U.S."
        return SourceGeoBlocked(said)
    return SourceUnavailable(said)


def _refusal(body: bytes) -> SourceError | None:
    """The error that a refused request's body states, if it is KuCoin's."""
    try:
        return _failure(_answer(body))
    except SourceMalformed:
        return None


class _Ticker(Struct, rename="camel", gc=False):
    symbol: str
    last: Number
    symbol_name: str | None = None
    buy: Number = None
    sell: Number = None
    high: Number = None
    low: Number = None
    change_rate: Number = None
    vol: Number = None
    vol_value: Number = None


class _Tickers(Struct):
    ticker: msgspec.Raw
    time: Millis | None = None


_tickers = wire_decoder(_Tickers)
_ticker = wire_decoder(_Ticker)


def parse_tickers(body: bytes, time_ms: int) -> dict[str, Ticker]:
    """Read `GET /api/v1/market/allTickers`: the change is a fraction, one time stands for all.

    Raises:
        SourceMalformed: no row is a ticker.
    """
    answer: _Tickers = _tickers(_data(body))
    at_ms = answer.time or time_ms
    board = {}
    row: _Ticker
    for row in read_rows(answer.ticker, _ticker):
        pair, last = _own_pair(row.symbol_name or row.symbol), price(row.last)
        if not pair or not last:
            continue
        rate = signed(row.change_rate)
        board[str(pair)] = Ticker(
            pair=pair,
            last=last,
            time_ms=at_ms,
            bid=price(row.buy),
            ask=price(row.sell),
            high=price(row.high),
            low=price(row.low),
            # four decimals come: rounding takes off what binary fractions add
            change_percent=None if rate is None else signed(round(rate * 100, 8)),
            volume=amount(row.vol_value),
            base_volume=amount(row.vol),
        )
    if not board:
        raise SourceMalformed("kucoin: no ticker has a price")
    return board


class _Bar(Struct, array_like=True, gc=False):
    open_s: Annotated[int, Meta(gt=0, lt=10**10)]
    open: float
    close: float
    high: float
    low: float
    volume: float
    turnover: Number = None


_bars = wire_decoder(list[_Bar])


def parse_bars(body: bytes) -> list[Bar]:
    """Read `GET /api/v1/market/candles`: newest first, close before high, timed in seconds."""
    return [
        Bar(
            row.open_s * 1000,
            row.open,
            row.high,
            row.low,
            row.close,
            row.volume,
            amount(row.turnover),
        )
        for row in _bars(_data(body))
    ]


class _Book(Struct):
    bids: list[Level] | None
    asks: list[Level] | None
    time: Millis | None = None


_book = wire_decoder(_Book)


def parse_book(body: bytes, pair: Pair, time_ms: int) -> Book:
    """Read `GET /api/v1/market/orderbook/level2_100`, whose asks may come worst first."""
    book: _Book = _book(_data(body))
    if book.bids is None and book.asks is None:
        raise SourceUnsupported("kucoin: no such book")
    return build_book(pair, book.bids or (), book.asks or (), book.time or time_ms)


class _Trade(Struct, gc=False):
    sequence: Serial
    price: float
    size: float
    side: Literal["buy", "sell"]
    time: Nanos


_trade = wire_decoder(_Trade)


def parse_trades(body: bytes, pair: Pair, time_ms: int) -> Trades:
    """Read `GET /api/v1/market/histories`, timed in nanoseconds."""
    rows = (
        Trade(str(row.sequence), row.time // 1_000_000, row.price, row.size, row.side)
        for row in read_rows(_data(body), _trade)
    )
    return build_trades(pair, rows, time_ms)


class _Symbol(Struct, rename="camel", gc=False):
    base_currency: str
    quote_currency: str
    enable_trading: bool
    base_min_size: Number = None
    base_max_size: Number = None
    fee_category: int | None = None
    maker_fee_coefficient: Number = None
    taker_fee_coefficient: Number = None


_symbol = wire_decoder(_Symbol)


def parse_exchange(body: bytes, time_ms: int) -> Exchange:
    """Read `GET /api/v2/symbols`, which says no time and no limit of price.

    Raises:
        SourceMalformed: it lists no pair.
    """
    rules = tuple(rule for row in read_rows(_data(body), _symbol) if (rule := _rule(row)))
    if not rules:
        raise SourceMalformed("kucoin: no pair is listed")
    return Exchange("kucoin", rules, time_ms)


def _rule(row: _Symbol) -> MarketRule | None:
    pair = read_pair(row.base_currency, row.quote_currency)
    if not pair:
        return None
    return MarketRule(
        symbol=str(pair),
        base=pair.base,
        quote=pair.quote,
        active=row.enable_trading,
        min_amount=price(row.base_min_size),
        max_amount=price(row.base_max_size),
        maker_fee=_fee(row.fee_category, row.maker_fee_coefficient),
        taker_fee=_fee(row.fee_category, row.taker_fee_coefficient),
    )


def _fee(category: int | None, coefficient: Number) -> float | None:
    share, fee = amount(coefficient), CLASS_FEES.get(category or 0)
    return None if share is None or fee is None else round(fee * share, 8)
