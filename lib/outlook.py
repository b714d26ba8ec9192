"""The vocabulary of outlooks: what a model says will come, and how sure it is."""

from typing import Literal

from msgspec import Struct

from lib.units import Price, UnixMs

Direction = Literal["bullish", "bearish", "neutral"]
Call = Literal["buy", "sell", "hold"]


class ForecastStep(Struct, frozen=True, gc=False):
    """One bar ahead: the median, and the bounds that hold the stated share of outcomes."""

    time_ms: UnixMs  # close of that bar
    price: Price
    lower: Price
    upper: Price
    quantiles: tuple[Price, ...]  # at `Forecast.levels`


class Forecast(Struct, frozen=True):
    """What a model expects of one symbol, from the last closed candle on."""

    timeframe: str
    horizon: int  # bars
    interval: float  # share of outcomes that fall inside [lower, upper]
    current_price: Price  # last close
    time_ms: UnixMs  # when the last candle closed
    steps: tuple[ForecastStep, ...]
    levels: tuple[float, ...]
    model: str
    members: tuple[str, ...]
    direction: Direction  # at `direction_bars`
    direction_bars: int
    probability_up: float | None = None  # None: beyond what was found to be foreseeable
    degraded: bool = False  # a remote member was wanted and did not answer
    fallback_reason: str | None = None
    notes: tuple[str, ...] = ()  # what made the interval wider than usual


class Indicators(Struct, frozen=True):
    """Technical indicators at the last closed candle. `None`: too little history, or undefined."""

    rsi: float | None = None
    macd: float | None = None
    macd_signal: float | None = None
    macd_histogram: float | None = None
    macd_state: str | None = None  # bullish_crossover, bullish, bearish_crossover, bearish
    atr: float | None = None
    atr_percent: float | None = None
    bollinger_upper: float | None = None
    bollinger_middle: float | None = None
    bollinger_lower: float | None = None
    ema_12: float | None = None
    ema_26: float | None = None
    sma_20: float | None = None
    sma_50: float | None = None
    sma_200: float | None = None
    moving_averages: str | None = None  # SMA(50) to SMA(200): golden_cross, bullish, death_cross …
    obv: float | None = None
    adx: float | None = None
    stochastic_k: float | None = None
    stochastic_d: float | None = None
    volume_ratio: float | None = None  # last bar against the mean of the 20 before
    volume_trend: str | None = None  # last 10 bars to the 20 before: increasing, steady, decreasing
    volume_balance: float | None = None  # -1..1, volume of rising minus falling bars, 20 bars
    volume_profile: str | None = None  # accumulation, balanced, distribution
    trend: str | None = None  # bullish, bearish, neutral: EMA(12) to EMA(26), where ADX sees one
    strength: float | None = None  # 0..10, from ADX


class Signal(Struct, frozen=True):
    """A trade that a model weighs: entry at the last close, target and stop, and its odds.

    Where the price did not move at all, or by more than itself, there is no target: prices and
    gains are None.
    """

    id: str  # the same for the same symbol, time frame, candle and model
    symbol: str
    type: Call
    side: Literal["buy", "sell"]  # the side weighed; for a hold, the better of the two
    confidence: float  # calibrated P(target before stop within `horizon` bars)
    score: float  # 0..10, from the expected R after costs
    timeframe: str
    horizon: int
    entry_price: Price
    target_price: Price | None
    stop_loss: Price | None
    risk_reward: float | None
    expected_r: float | None  # mean gain in units of the risk, before costs
    expected_r_net: float | None  # after `cost_bps`
    cost_bps: float  # round trip, of the entry price
    probability_stop: float
    probability_timeout: float
    model: str
    reasoning: tuple[str, ...]
    indicators: Indicators
    time_ms: UnixMs
    expires_ms: UnixMs
    reason: str | None = None  # why it is a hold


class Level(Struct, frozen=True):
    """A price at which the market turned before."""

    price: Price
    touches: int
    last_ms: UnixMs


class Levels(Struct, frozen=True):
    """Support below and resistance above the last close, nearest first."""

    support: tuple[Level, ...]
    resistance: tuple[Level, ...]
