"""What live messages carry, and how a value of a feed becomes one."""

from msgspec import UNSET, Struct, UnsetType

from lib.market import Book, Pair, Side, Ticker
from lib.streams.base import BarSeen, TradeSeen
from lib.units import (
    AssetName,
    BaseAmount,
    PairName,
    Percent,
    Price,
    QuoteVolume,
    UnixMs,
)

LEVELS = 20  # of a book, a side


class TickerUpdate(Struct, frozen=True):
    """A pair's price and its last 24 hours; `null` is unknown, never zero."""

    symbol: PairName
    price: Price
    change_24h: Percent | None
    volume_24h: QuoteVolume | None
    timestamp: UnixMs
    quoted_in: AssetName | UnsetType = UNSET


class TradeUpdate(Struct, frozen=True):
    """One trade; `side` is the taker's."""

    symbol: PairName
    price: Price
    amount: BaseAmount
    side: Side
    timestamp: UnixMs
    id: str
    quoted_in: AssetName | UnsetType = UNSET


class BookUpdate(Struct, frozen=True):
    """The best levels of a book, `[price, amount]`, best first."""

    symbol: PairName
    bids: tuple[tuple[Price, BaseAmount], ...]
    asks: tuple[tuple[Price, BaseAmount], ...]
    timestamp: UnixMs
    quoted_in: AssetName | UnsetType = UNSET


class BarUpdate(Struct, frozen=True):
    """The running bar, timed at its open; `closed` once it can change no more."""

    symbol: PairName
    timeframe: str
    t: UnixMs
    o: Price
    h: Price
    l: Price  # noqa: E741 - as in /api/ohlcv
    c: Price
    v: BaseAmount | None
    closed: bool
    timestamp: UnixMs
    quoted_in: AssetName | UnsetType = UNSET


def ticker_update(pair: Pair, ticker: Ticker) -> TickerUpdate:
    """A ticker as listeners of `pair` see it."""
    return TickerUpdate(
        symbol=str(pair),
        price=ticker.last,
        change_24h=ticker.change_percent,
        volume_24h=ticker.volume,
        timestamp=ticker.time_ms,
        quoted_in=_other(pair, ticker.pair),
    )


def trade_update(pair: Pair, seen: TradeSeen) -> TradeUpdate:
    """A trade as listeners of `pair` see it."""
    trade = seen.trade
    return TradeUpdate(
        symbol=str(pair),
        price=trade.price,
        amount=trade.amount,
        side=trade.side,
        timestamp=trade.timestamp,
        id=trade.id,
        quoted_in=_other(pair, seen.pair),
    )


def book_update(pair: Pair, book: Book) -> BookUpdate:
    """A book as listeners of `pair` see it."""
    return BookUpdate(
        symbol=str(pair),
        bids=book.bids[:LEVELS],
        asks=book.asks[:LEVELS],
        timestamp=book.time_ms,
        quoted_in=_other(pair, book.pair),
    )


def bar_update(pair: Pair, seen: BarSeen) -> BarUpdate:
    """A bar as listeners of `pair` see it."""
    bar = seen.bar
    return BarUpdate(
        symbol=str(pair),
        timeframe=seen.timeframe,
        t=bar.open_ms,
        o=bar.open,
        h=bar.high,
        l=bar.low,
        c=bar.close,
        v=bar.volume,
        closed=bar.closed,
        timestamp=seen.time_ms,
        quoted_in=_other(pair, seen.pair),
    )


def _other(asked: Pair, answered: Pair) -> AssetName | UnsetType:
    return UNSET if asked.quote == answered.quote else answered.quote
