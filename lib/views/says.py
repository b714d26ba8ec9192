"""What each indicator says of a pair, and the forecast beside them: a direction and a sentence."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from lib.outlook import Direction, Forecast, Indicators

_SIGN: Final[dict[Direction, int]] = {"bullish": 1, "neutral": 0, "bearish": -1}


class DecisionSignal(Struct, kw_only=True):
    """One indicator's say."""

    name: str
    value: float | str | None
    direction: Direction
    text: str


def read_says(seen: Indicators, outlook: Forecast) -> list[DecisionSignal]:
    """One say for each indicator that is known; the forecast's last."""
    says = []
    if seen.trend is not None:
        trend = _direction(seen.trend)
        says.append(_say("trend", seen.trend, trend, f"EMA(12) to EMA(26) with ADX: {trend}"))
    if seen.macd_state is not None:
        side = _direction(seen.macd_state.split("_")[0])
        says.append(_say("macd", seen.macd_state, side, f"MACD to its signal line: {side}"))
    if seen.rsi is not None:
        turn: Direction = "bullish" if seen.rsi < 30 else "bearish" if seen.rsi > 70 else "neutral"
        says.append(_say("rsi", seen.rsi, turn, f"RSI(14) is {seen.rsi:.1f}"))
    if seen.moving_averages is not None:
        rising = seen.moving_averages in {"golden_cross", "bullish"}
        kind: Direction = "bullish" if rising else "bearish"
        says.append(_say("moving_averages", seen.moving_averages, kind, "SMA(50) to SMA(200)"))
    if seen.volume_profile is not None:
        flow = {"accumulation": "bullish", "distribution": "bearish"}.get(seen.volume_profile, "")
        text = "volume of rising to falling bars"
        says.append(_say("volume", seen.volume_profile, _direction(flow), text))
    if outlook.probability_up is not None:
        text = f"P(a higher close in {outlook.horizon} bars) is {outlook.probability_up:.3f}"
        says.append(_say("forecast", outlook.probability_up, outlook.direction, text))
    return says


def technical_score(says: Sequence[DecisionSignal]) -> float | None:
    """0 when all are bearish, 100 when all are bullish; `None` when nobody says anything."""
    if not says:
        return None
    return round(50 + 50 * (sum(_SIGN[say.direction] for say in says) / len(says)), 1)


def _say(name: str, value: float | str, direction: Direction, text: str) -> DecisionSignal:
    return DecisionSignal(name=name, value=value, direction=direction, text=text)


def _direction(word: str) -> Direction:
    return "bullish" if word == "bullish" else "bearish" if word == "bearish" else "neutral"
