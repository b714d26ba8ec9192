"""POST /api/ai/decision: buy, sell or hold in one word, with everything that it follows from."""

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Struct
from pydantic import BeforeValidator, Field

from adapters.aws_lambda import lambda_handler
from lib.context import Context, gather
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import FORECASTS
from lib.outlook import Forecast, Indicators, Levels, Signal
from lib.units import PairName, Price, UnixMs
from lib.views.foresight import (
    BARS,
    Timeframe,
    fetch_closed,
    fetch_forecast,
    read_chart,
    weigh_signals,
)
from lib.views.says import DecisionSignal, read_says, technical_score

LEAST_R: Final = {"low": 0.05, "medium": 0.02, "high": 0.0}
"""Mean gain after costs, in units of the risk, below which nothing is done."""

WORDS: Final = {
    "short": "1h", "short_term": "1h", "intraday": "1h", "hours": "1h", "day": "1h",
    "medium": "4h", "medium_term": "4h", "swing": "4h", "days": "4h", "week": "4h",
    "long": "1d", "long_term": "1d", "position": "1d", "weeks": "1d", "month": "1d",
    "1h": "1h", "4h": "4h", "1d": "1d",
}  # fmt: skip
"""Horizons as front ends name them, and the bars that are read for each."""

FARTHEST: Final = 168
LONGEST_NUMBER: Final = 4  # digits

MANNERS: Final = {
    "conservative": "low",
    "moderate": "medium",
    "balanced": "medium",
    "aggressive": "high",
}
"""Risk tolerances as brokers name them."""


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _horizon(value: object) -> object:
    """A number of bars, also as text or as `12.0`, which is one in JSON; or one of our words."""
    word = _lower(value)
    if isinstance(word, float) and word.is_integer():
        word = int(word)
    if isinstance(word, str) and word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER:
        word = int(word)
    known = word is None or (isinstance(word, str) and word in WORDS)
    if known or (type(word) is int and 1 <= word <= FARTHEST):
        return word
    raise ValueError("neither a number of bars nor a word of ours")


def _tolerance(value: object) -> object:
    word = _lower(value)
    return MANNERS.get(word, word) if isinstance(word, str) else word


class DecisionRequest(Request):
    """On which pair, how far ahead, how boldly. A `context` is accepted and changes nothing."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[
        str, Field(description="an asset or a pair, in any spelling", examples=["BTC/USDT"])
    ]
    timeframe: Timeframe | None = None
    horizon: Annotated[
        Annotated[int, Field(ge=1, le=FARTHEST)]
        | Annotated[str, Field(pattern=f"^({'|'.join(WORDS)})$")]
        | None,
        BeforeValidator(_horizon),
        Field(
            description=f"a number of bars ahead, from 1 to {FARTHEST}, or a word such as short, "
            "medium, long, intraday, swing, position, 1h, 4h, 1d"
        ),
    ] = None
    risk_tolerance: Annotated[
        Literal["low", "medium", "high"],
        BeforeValidator(_tolerance),
        Field(
            description="low, medium or high; also called conservative, moderate or balanced, "
            "aggressive"
        ),
    ] = "medium"


class Targets(Struct, kw_only=True):
    """Prices to watch."""

    support: Price | None
    resistance: Price | None
    target: Price | None
    stop: Price | None


class DecisionAnalysis(Struct, kw_only=True):
    """What the decision rests on. `technical_score` goes from 0 (all indicators bearish) to 100
    (all bullish); `score` is 0..10, from the expected gain after costs."""

    technical_score: float | None
    score: float
    trend: str | None
    probability_up: float | None
    expected_r: float | None
    expected_r_net: float | None
    risk_reward: float | None


class DecisionReply(Reply, kw_only=True):
    """`confidence` is the calibrated chance that the price reaches the target before the stop."""

    symbol: PairName
    decision: Literal["BUY", "SELL", "HOLD"]
    confidence: float
    summary: str
    reason: str
    signals: list[DecisionSignal]
    risks: list[str]
    targets: Targets
    analysis: DecisionAnalysis
    timeframe: str
    horizon: int
    model: str
    timestamp: UnixMs


async def ai_decision(request: DecisionRequest, ctx: Context) -> DecisionReply:
    """Whether the models' odds are worth a trade now.

    The less risk is tolerated, the larger an expected gain is asked for. No edge is a HOLD.
    """
    pair = ctx.read_symbol(request.symbol).pair
    timeframe = request.timeframe or WORDS.get(str(request.horizon), "1h")
    horizon = request.horizon if isinstance(request.horizon, int) else 24
    candles = await fetch_closed(ctx, pair, timeframe)
    outlook, signals, chart = await gather(
        fetch_forecast(ctx, pair, timeframe, candles, horizon),
        weigh_signals(ctx, timeframe, {str(pair): candles}),
        read_chart(timeframe, candles),
    )
    return _reply(request, ctx, outlook, signals[0], chart)


def _reply(
    request: DecisionRequest,
    ctx: Context,
    outlook: Forecast,
    signal: Signal,
    chart: tuple[Indicators, Levels, tuple[str, ...]],
) -> DecisionReply:
    seen, levels, sentences = chart
    decision, reason = _decide(request, signal)
    says = read_says(seen, outlook)
    reply = DecisionReply(
        symbol=signal.symbol,
        decision=decision,
        confidence=signal.confidence,
        summary=". ".join((f"{decision} {signal.symbol} on {signal.timeframe} bars", *sentences)),
        reason=reason,
        signals=says,
        risks=_risks(signal, outlook),
        targets=Targets(
            support=levels.support[0].price if levels.support else None,
            resistance=levels.resistance[0].price if levels.resistance else None,
            target=signal.target_price,
            stop=signal.stop_loss,
        ),
        analysis=DecisionAnalysis(
            technical_score=technical_score(says),
            score=signal.score,
            trend=seen.trend,
            probability_up=outlook.probability_up,
            expected_r=signal.expected_r,
            expected_r_net=signal.expected_r_net,
            risk_reward=signal.risk_reward,
        ),
        timeframe=signal.timeframe,
        horizon=outlook.horizon,
        model=signal.model,
        timestamp=signal.time_ms,
    )
    _say_missing(ctx, reply)
    return reply


def _decide(request: DecisionRequest, signal: Signal) -> tuple[Literal["BUY", "SELL", "HOLD"], str]:
    least, net = LEAST_R[request.risk_tolerance], signal.expected_r_net
    if signal.type == "hold" or net is None:
        return "HOLD", signal.reason or "There is no edge."
    if net <= least:
        return "HOLD", (
            f"The better side ({signal.side}) is worth {net:.3f} R after costs; a "
            f"{request.risk_tolerance} risk tolerance asks for more than {least:g} R."
        )
    reason = (
        f"P(target before stop) is {signal.confidence:.2f}: {net:+.3f} R on average after "
        f"{signal.cost_bps:g} bps of costs."
    )
    return ("BUY" if signal.type == "buy" else "SELL"), reason


def _risks(signal: Signal, outlook: Forecast) -> list[str]:
    last = outlook.steps[-1]
    down = 100 * (last.lower / outlook.current_price - 1)
    up = 100 * (last.upper / outlook.current_price - 1)
    risks = [
        f"In {outlook.horizon} bars the close is between {down:+.1f} % and {up:+.1f} % with "
        f"probability {outlook.interval:g}",
        f"The stop comes first with probability {signal.probability_stop:.2f}",
        f"Neither target nor stop is met within {signal.horizon} bars with probability "
        f"{signal.probability_timeout:.2f}",
    ]
    return [*risks, *outlook.notes]


def _say_missing(ctx: Context, reply: DecisionReply) -> None:
    for part in ("targets", "analysis"):
        values = getattr(reply, part)
        for field in values.__struct_fields__:
            if getattr(values, field) is None:
                ctx.lacks(f"{part}.{field}", "the candles do not tell it")


endpoints = (
    Endpoint(
        method="POST",
        path="/api/ai/decision",
        request=DecisionRequest,
        reply=DecisionReply,
        call=ai_decision,
        feeds=(FORECASTS, BARS),
        tag="AI",
        bundle="ai",
        memory_mb=1024,
    ),
)
handler = lambda_handler(*endpoints)
