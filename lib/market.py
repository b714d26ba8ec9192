"""The vocabulary of markets: pairs, tickers, candles, books, trades, rules, listings."""

from typing import Literal

from msgspec import Struct, field

from lib.units import (
    BaseAmount,
    IsoDate,
    Money,
    Percent,
    Price,
    QuoteAmount,
    QuoteVolume,
    UnixMs,
)

Timeframe = Literal["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"]
Side = Literal["buy", "sell"]

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "USDD", "USD1"})
"""Quotes that stand for the US dollar."""


class Pair(Struct, frozen=True, order=True, gc=False):
    """A base asset priced in a quote asset."""

    base: str
    quote: str

    def __str__(self) -> str:
        return f"{self.base}/{self.quote}"


class Ticker(Struct, frozen=True, omit_defaults=True):
    """A pair's last price, best quotes and last 24 hours. `None` is unknown, never zero."""

    pair: Pair
    last: Price
    time_ms: UnixMs
    bid: Price | None = None
    ask: Price | None = None
    high: Price | None = None
    low: Price | None = None
    change_percent: Percent | None = None
    volume: QuoteVolume | None = None
    base_volume: BaseAmount | None = None
    scope: str = ""  # "global", or "" for the venue that answered


class Candle(Struct, frozen=True, gc=False, omit_defaults=True):
    """One OHLCV bar, timed at its open; volume in base units."""

    open_ms: UnixMs = field(name="t")
    open: Price = field(name="o")
    high: Price = field(name="h")
    low: Price = field(name="l")
    close: Price = field(name="c")
    volume: BaseAmount | None = field(name="v")
    closed: bool
    filled: bool = False  # no trade in this bar: flat at the previous close
    quote_volume: QuoteAmount | None = field(name="q", default=None)


class Candles(Struct, frozen=True):
    """Bars of one pair and timeframe: ascending, no gaps, the running bar last if included."""

    pair: Pair
    timeframe: str
    bars: tuple[Candle, ...]
    time_ms: UnixMs


class Book(Struct, frozen=True):
    """Depth: `[price, amount]` levels, best first."""

    pair: Pair
    bids: tuple[tuple[Price, BaseAmount], ...]
    asks: tuple[tuple[Price, BaseAmount], ...]
    time_ms: UnixMs


class Trade(Struct, frozen=True, gc=False):
    """One trade; `side` is the taker's."""

    id: str
    timestamp: UnixMs
    price: Price
    amount: BaseAmount
    side: Side
    type: str | None = None


class Trades(Struct, frozen=True):
    """Recent trades of one pair, oldest first."""

    pair: Pair
    rows: tuple[Trade, ...]
    time_ms: UnixMs


class MarketRule(Struct, frozen=True):
    """What a venue lets you trade, and in which steps. `None`: the venue does not say."""

    symbol: str
    base: str
    quote: str
    active: bool
    min_amount: BaseAmount | None = None
    max_amount: BaseAmount | None = None
    min_price: Price | None = None
    max_price: Price | None = None
    maker_fee: float | None = None
    taker_fee: float | None = None


class Exchange(Struct, frozen=True):
    """A venue and its pairs."""

    name: str
    rules: tuple[MarketRule, ...]
    time_ms: UnixMs


class Listing(Struct, frozen=True):
    """A row of the market table, in US dollars: the slow facts and the source's own price."""

    id: str
    symbol: str
    name: str
    rank: int | None = None
    price: Money | None = None
    change_1h: Percent | None = None
    change_24h: Percent | None = None
    change_7d: Percent | None = None
    volume_24h: Money | None = None
    market_cap: Money | None = None
    high_24h: Money | None = None
    low_24h: Money | None = None
    circulating_supply: BaseAmount | None = None
    total_supply: BaseAmount | None = None
    max_supply: BaseAmount | None = None
    ath: Money | None = None
    ath_date: IsoDate | None = None
    atl: Money | None = None
    atl_date: IsoDate | None = None
    image: str | None = None
    updated_ms: UnixMs | None = None


class Listings(Struct, frozen=True):
    """The market table, best rank first."""

    rows: tuple[Listing, ...]
    time_ms: UnixMs


class Coin(Struct, frozen=True):
    """One coin of an aggregator's full list."""

    id: str
    symbol: str
    name: str


class Coins(Struct, frozen=True):
    """Every coin that an aggregator knows."""

    rows: tuple[Coin, ...]
    time_ms: UnixMs


class GlobalStats(Struct, frozen=True):
    """The whole market, in US dollars and percent."""

    time_ms: UnixMs
    total_market_cap: Money
    total_volume_24h: Money
    dominance: dict[str, Percent]  # asset -> share of the total market cap
    market_cap_change_24h: Percent | None = None
    volume_change_24h: Percent | None = None
    defi_dominance: Percent | None = None
    active_cryptocurrencies: int | None = None
    active_markets: int | None = None
    active_exchanges: int | None = None


class Rates(Struct, frozen=True):
    """What one US dollar is worth in other currencies."""

    per_usd: dict[str, float]
    time_ms: UnixMs


class CapPoint(Struct, frozen=True, gc=False):
    """An asset's market cap at one moment."""

    time_ms: UnixMs
    market_cap: Money


class CapHistory(Struct, frozen=True):
    """Market caps of one asset over time, ascending, in US dollars."""

    symbol: str
    points: tuple[CapPoint, ...]
    time_ms: UnixMs


class Trend(Struct, frozen=True):
    """A coin that many people look for just now."""

    id: str
    symbol: str
    name: str
    rank: int | None
    score: int
    image: str | None = None


class Trends(Struct, frozen=True):
    """What people look for, most wanted first."""

    rows: tuple[Trend, ...]
    time_ms: UnixMs
