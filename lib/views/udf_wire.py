"""TradingView's UDF on the wire: what its endpoints answer with, under the protocol's names.

https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from lib.units import BaseAmount, Percent, Price, QuoteVolume
from lib.views.udf import EXCHANGE

Seconds = Annotated[int, Meta(description="Unix time in seconds, UTC.")]


class Choice(Struct, omit_defaults=True):
    """A filter of the symbol search; an empty value is no filter."""

    value: str
    name: str
    desc: str | UnsetType = UNSET


class ConfigReply(Struct):
    """What this feed can do."""

    supported_resolutions: list[str]
    exchanges: list[Choice]
    symbols_types: list[Choice]
    supports_search: bool = True
    supports_group_request: bool = False
    supports_marks: bool = False
    supports_timescale_marks: bool = False
    supports_time: bool = True


class SymbolReply(Struct, kw_only=True):
    """How a pair is drawn: without sessions, in UTC, with enough decimals."""

    name: str
    ticker: str
    full_name: str
    description: str
    type: str = "crypto"
    session: str = "24x7"
    timezone: str = "Etc/UTC"
    exchange: str = EXCHANGE
    listed_exchange: str = EXCHANGE
    exchange_traded: str = field(name="exchange-traded", default=EXCHANGE)
    exchange_listed: str = field(name="exchange-listed", default=EXCHANGE)
    currency_code: str
    minmov: int = 1
    pricescale: int
    has_intraday: bool = True
    has_daily: bool = True
    has_weekly_and_monthly: bool = True
    intraday_multipliers: list[str]
    supported_resolutions: list[str]
    visible_plots_set: str = "ohlcv"
    volume_precision: int = 4
    format: str = "price"
    data_status: str = "streaming"


class FoundSymbol(Struct):
    """A pair that the search found."""

    symbol: str
    full_name: str
    description: str
    ticker: str
    exchange: str = EXCHANGE
    type: str = "crypto"


class UdfHistoryReply(Struct, omit_defaults=True):
    """Bars as columns, ascending, or `no_data` with the open of the last bar before the range,
    if there is any. Volume is in base units, and left out where the venue states none."""

    s: Literal["ok", "no_data"]
    t: list[Seconds] = []
    o: list[Price] = []
    h: list[Price] = []
    l: list[Price] = []  # noqa: E741 - the protocol calls the low so
    c: list[Price] = []
    v: list[BaseAmount] = []
    nextTime: Seconds | UnsetType = UNSET  # noqa: N815 - the protocol's name


class Quote(Struct, kw_only=True, omit_defaults=True):
    """A pair's price and last 24 hours; what the venue does not state is left out, and all of it
    where the symbol is an error."""

    lp: Price | UnsetType = UNSET
    ch: Price | UnsetType = UNSET
    chp: Percent | UnsetType = UNSET
    open_price: Price | UnsetType = UNSET
    high_price: Price | UnsetType = UNSET
    low_price: Price | UnsetType = UNSET
    prev_close_price: Price | UnsetType = UNSET
    ask: Price | UnsetType = UNSET
    bid: Price | UnsetType = UNSET
    spread: Price | UnsetType = UNSET
    volume: QuoteVolume | UnsetType = UNSET
    short_name: str | UnsetType = UNSET
    exchange: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class QuoteRow(Struct, omit_defaults=True):
    """A symbol as it was asked, and its quote or why there is none."""

    s: Literal["ok", "error"]
    n: str
    v: Quote
    errmsg: str | UnsetType = UNSET


class QuotesReply(Struct):
    """Quotes in the order asked."""

    s: Literal["ok"]
    d: list[QuoteRow]
