"""Trading signals: a target, a stop, the calibrated odds between them, and what follows."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Literal

import numpy as np

from lib.analysis.digits import OF_A_CHANCE, OF_A_GAIN, short
from lib.analysis.ensemble import NAME
from lib.analysis.forecast import Judged
from lib.analysis.indicators import atr
from lib.analysis.odds import ATR_PERIOD, LONG, SIGNAL_BARS, Odds, weigh
from lib.analysis.reading import read_indicators, reasons
from lib.analysis.series import Bars
from lib.outlook import Call, Signal
from lib.timeframes import TIMEFRAME_MS

COST_BPS: Final = 10.0  # a round trip at the usual taker fee of 5 bps
BEST_R: Final = 0.25  # an expected gain after costs that deserves a score of 10


def signals(
    judged: Judged,
    symbols: Sequence[str],
    barriers: tuple[float, float],
    cost_bps: float = COST_BPS,
) -> list[Signal]:
    """One signal a symbol, in the batch's order; without an edge after costs it is a hold."""
    bars = judged.bars
    ranges = np.array([last_atr(bars, row) for row in range(len(symbols))])
    close = bars.close[:, -1]
    odds = weigh(close, ranges, judged.judgement.touch, barriers, cost_bps)
    return [_signal(judged, odds, row, symbol, cost_bps) for row, symbol in enumerate(symbols)]


def last_atr(bars: Bars, row: int) -> float:
    """Average true range at the newest bar, over bars with trades; 0 where nothing moved."""
    real = bars.real[row]
    high, low, close = (x[row][real] for x in (bars.high, bars.low, bars.close))
    return float(np.nan_to_num(atr(high, low, close, ATR_PERIOD)[-1]))


def score(expected_r_net: float) -> float:
    """From the expected gain after costs: 0 for none, 10 for a quarter of the risk and more."""
    return round(10 * min(max(expected_r_net / BEST_R, 0.0), 1.0), 1)


def _signal(judged: Judged, odds: Odds, row: int, symbol: str, cost_bps: float) -> Signal:
    entry = float(judged.bars.close[row, -1])
    step_ms = TIMEFRAME_MS[judged.timeframe]
    closed_ms = int(judged.bars.open_ms[row, -1]) + step_ms
    side: Literal["buy", "sell"] = "buy" if odds.side[row] == LONG else "sell"
    seen = read_indicators(judged.bars, row)
    chance, lost = (round(float(x[row]), OF_A_CHANCE) for x in (odds.p_target, odds.p_stop))
    reward = round(float(odds.risk_reward[row]), OF_A_CHANCE)
    expected = round(chance * reward - lost, OF_A_GAIN)
    net = round(expected - float(odds.cost[row]), OF_A_GAIN)
    target, stop = float(odds.target[row]), float(odds.stop[row])
    unset = _why_unset(entry, target, stop)
    reason = unset or _why_hold(side, expected, net, cost_bps)
    kind: Call = "hold" if reason else side
    sums = () if unset else (_sums(side, chance, reward, expected, net, cost_bps),)
    return Signal(
        id=_identity(symbol, judged.timeframe, closed_ms),
        symbol=symbol,
        type=kind,
        side=side,
        confidence=chance,
        score=0.0 if unset else score(net),
        timeframe=judged.timeframe,
        horizon=SIGNAL_BARS,
        entry_price=entry,
        target_price=None if unset else float(short(target)),
        stop_loss=None if unset else float(short(stop)),
        risk_reward=None if unset else reward,
        expected_r=None if unset else expected,
        expected_r_net=None if unset else net,
        cost_bps=cost_bps,
        probability_stop=lost,
        probability_timeout=max(0.0, round(1 - chance - lost, OF_A_CHANCE)),
        model=NAME,
        reasoning=(*sums, *reasons(seen, entry)),
        indicators=seen,
        time_ms=closed_ms,
        expires_ms=closed_ms + step_ms,
        reason=reason,
    )


def _sums(
    side: str, chance: float, reward: float, expected: float, net: float, cost_bps: float
) -> str:
    return (
        f"{side.capitalize()}: P(target before stop within {SIGNAL_BARS} bars) {chance:.2f} at "
        f"risk:reward {reward:.2f} gives {expected:+.3f} R, {net:+.3f} R after {cost_bps:g} bps"
    )


def _why_unset(entry: float, target: float, stop: float) -> str | None:
    if stop == entry:
        return "The price has not moved of late: there is no range to set a target and a stop by."
    if min(target, stop) <= 0:
        return (
            "The price has moved by about all of itself of late: a target or stop would be below 0."
        )
    return None


def _why_hold(side: str, expected: float, net: float, cost_bps: float) -> str | None:
    if net > 0:
        return None
    if expected > 0:
        return (
            f"The better side ({side}) is worth {expected:.3f} R before costs, "
            f"less than the {expected - net:.3f} R that {cost_bps:g} bps cost."
        )
    return f"Neither side is worth taking: the better ({side}) expects {expected:.3f} R."


def _identity(symbol: str, timeframe: str, closed_ms: int) -> str:
    named = f"{symbol}|{timeframe}|{closed_ms}|{NAME}"
    return "signal_" + sha256(named.encode()).hexdigest()[:12]
