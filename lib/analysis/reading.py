"""Indicators of the last closed candle, and the sentences that follow from them."""

import math

import numpy as np

from lib.analysis import indicators as compute
from lib.analysis.series import Bars, Floats
from lib.outlook import Indicators

OVERSOLD, OVERBOUGHT = 30, 70
TRENDING = 20  # ADX below this: no trend worth the name
CROSS_BARS = 20  # a crossing of the long averages is news for so long
_BUSY, _QUIET = 1.25, 0.8  # volume of ten bars against the twenty before
_ONE_SIDED = 0.1


def read_indicators(bars: Bars, row: int = 0) -> Indicators:
    """Everything that the last bar's history allows; bars without trades are left out."""
    real = bars.real[row]
    high, low, close, volume = (
        x[row][real] for x in (bars.high, bars.low, bars.close, bars.volume)
    )
    macd, signal, histogram = compute.macd(close)
    upper, middle, lower = compute.bollinger(close)
    k, d = compute.stochastic(high, low, close)
    ranges = compute.atr(high, low, close)
    fast, slow = compute.ema(close, 12), compute.ema(close, 26)
    sma_50, sma_200 = compute.sma(close, 50), compute.sma(close, 200)
    adx = compute.adx(high, low, close)
    moved = bool(np.ptp(close[-15:]) > 0)
    ratio = _ratio(volume[-1:], volume[-21:-1])
    busy = _ratio(volume[-10:], volume[-30:-10])
    balance = _balance(close, volume)
    return Indicators(
        rsi=_last(compute.rsi(close)) if moved else None,
        macd=_last(macd),
        macd_signal=_last(signal),
        macd_histogram=_last(histogram),
        macd_state=_crossing(histogram, 1, "crossover") if moved else None,
        atr=_last(ranges),
        atr_percent=_last(100 * ranges / close),
        bollinger_upper=_last(upper),
        bollinger_middle=_last(middle),
        bollinger_lower=_last(lower),
        ema_12=_last(fast),
        ema_26=_last(slow),
        sma_20=_last(middle),
        sma_50=_last(sma_50),
        sma_200=_last(sma_200),
        moving_averages=_averages(sma_50 - sma_200),
        obv=_last(compute.obv(close, volume)),
        adx=_last(adx) if moved else None,
        stochastic_k=_last(k) if moved else None,
        stochastic_d=_last(d) if moved else None,
        volume_ratio=ratio,
        volume_trend=None if busy is None else _named(busy, _QUIET, _BUSY, _VOLUME_WORDS),
        volume_balance=balance,
        volume_profile=(
            None if balance is None else _named(balance, -_ONE_SIDED, _ONE_SIDED, _PROFILE_WORDS)
        ),
        trend=_trend(_last(fast), _last(slow), _last(adx)) if moved else None,
        strength=None if not moved or math.isnan(adx[-1]) else _strength(float(adx[-1])),
    )


def reasons(seen: Indicators, close: float) -> tuple[str, ...]:
    """One sentence an indicator, each true of the value it names."""
    lines = []
    if seen.trend is not None and seen.adx is not None:
        word = {"bullish": "an upward trend", "bearish": "a downward trend"}.get(seen.trend)
        order = "above" if (seen.ema_12 or 0) > (seen.ema_26 or 0) else "not above"
        said = word or f"no trend (below {TRENDING})"
        lines.append(f"EMA(12) is {order} EMA(26) and ADX is {seen.adx:.1f}: {said}")
    if seen.rsi is not None:
        lines.append(f"RSI(14) is {seen.rsi:.1f}: {_rsi_word(seen.rsi)}")
    if seen.macd_state is not None:
        lines.append(_MACD_WORDS[seen.macd_state])
    if seen.bollinger_upper is not None and close > seen.bollinger_upper:
        lines.append("The close is above the upper Bollinger band")
    if seen.bollinger_lower is not None and close < seen.bollinger_lower:
        lines.append("The close is below the lower Bollinger band")
    if seen.volume_ratio is not None and seen.volume_ratio >= 2:
        lines.append(f"Volume is {seen.volume_ratio:.1f} times the mean of the 20 bars before")
    if seen.volume_profile in {"accumulation", "distribution"} and seen.volume_balance is not None:
        kind = "rising" if seen.volume_profile == "accumulation" else "falling"
        share = 50 + 50 * abs(seen.volume_balance)
        lines.append(f"{share:.0f} % of 20 bars' volume traded in {kind} bars")
    return tuple(lines)


_VOLUME_WORDS = ("decreasing", "steady", "increasing")
_PROFILE_WORDS = ("distribution", "balanced", "accumulation")
_MACD_WORDS = {
    "bullish_crossover": "MACD crossed above its signal line at the last close",
    "bullish": "MACD is above its signal line",
    "bearish_crossover": "MACD crossed below its signal line at the last close",
    "bearish": "MACD is below its signal line",
}


def _rsi_word(rsi: float) -> str:
    if rsi < OVERSOLD:
        return "oversold"
    return "overbought" if rsi > OVERBOUGHT else "neither overbought nor oversold"


def _last(x: Floats) -> float | None:
    return float(x[-1]) if len(x) and math.isfinite(x[-1]) else None


def _crossing(gap: Floats, within: int, word: str) -> str | None:
    """On which side a line is, and whether it came there within the last bars."""
    sides = np.sign(gap[np.isfinite(gap)])
    if not len(sides) or sides[-1] == 0:
        return None
    side = "bullish" if sides[-1] > 0 else "bearish"
    before = sides[-1 - within : -1]
    return f"{side}_{word}" if (before == -sides[-1]).any() else side


def _averages(gap: Floats) -> str | None:
    said = _crossing(gap, CROSS_BARS, "cross")
    return {"bullish_cross": "golden_cross", "bearish_cross": "death_cross"}.get(said or "", said)


def _trend(fast: float | None, slow: float | None, adx: float | None) -> str | None:
    if fast is None or slow is None or adx is None:
        return None
    if adx < TRENDING or fast == slow:
        return "neutral"
    return "bullish" if fast > slow else "bearish"


def _strength(adx: float) -> float:
    """0..10; an ADX of 50 and more is as strong as trends get."""
    return round(min(adx / 5, 10.0), 1)


def _ratio(now: Floats, before: Floats) -> float | None:
    usual = float(before.mean()) if len(before) else 0.0
    return float(now.mean()) / usual if usual > 0 else None


def _balance(close: Floats, volume: Floats) -> float | None:
    """Volume of 20 rising bars minus that of falling ones, over their sum: -1..1."""
    signed = np.sign(np.diff(close))[-20:]
    up, down = (float(volume[1:][-20:][signed == side].sum()) for side in (1, -1))
    return (up - down) / (up + down) if up + down > 0 else None


def _named(x: float, low: float, high: float, words: tuple[str, str, str]) -> str:
    if x < low:
        return words[0]
    return words[2] if x > high else words[1]
