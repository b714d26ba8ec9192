"""The vocabulary of the ledger: what was said, by which model, when it is due, what came of it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import fsum, log, sqrt
from typing import Final, Literal

from msgspec import Struct

from lib.market import Candle
from lib.outlook import Forecast, Signal
from lib.timeframes import TIMEFRAME_MS

LEVELS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
HORIZONS: Final = (1, 6, 24, 168)
"""Bars ahead at which every forecast is judged, beside the last one that was asked for."""

REFERENCE_BARS: Final = 500

Outcome = Literal["target", "stop", "timeout"]


class ForecastRecord(Struct, frozen=True):
    """One step of a forecast. `outcome` is the close at `due_ms`, once it is known."""

    id: str
    world: str  # live or sandbox: never mixed
    model: str
    symbol: str
    timeframe: str
    horizon: int
    origin_ms: int  # close of the last candle that the model saw
    due_ms: int
    price: float  # at the origin
    quantiles: tuple[float, ...]  # of the price, at LEVELS
    reference_sigma: float | None  # of the log return, by the random walk; None: too short a past
    probability_up: float | None
    served_ms: int
    outcome: float | None = None


class SignalRecord(Struct, frozen=True):
    """A signal with a target and a stop, holds included: their odds can be judged as well."""

    id: str
    world: str
    model: str
    symbol: str
    timeframe: str
    horizon: int
    origin_ms: int
    due_ms: int
    type: str
    side: str
    entry: float
    target: float
    stop: float
    confidence: float
    expected_r: float
    expected_r_net: float
    served_ms: int
    outcome: Outcome | None = None
    realized_r: float | None = None  # before costs


Record = ForecastRecord | SignalRecord


def records_of(
    forecast: Forecast, symbol: str, candles: Sequence[Candle], world: str, now_ms: int
) -> list[ForecastRecord]:
    """A forecast's steps at HORIZONS and its last one, as far as its levels are ours."""
    if forecast.levels != LEVELS:
        return []
    sigma = reference_sigma(candles)
    bars = sorted({h for h in HORIZONS if h <= forecast.horizon} | {forecast.horizon})
    made = []
    for horizon in bars:
        step = forecast.steps[horizon - 1]
        last = horizon == forecast.direction_bars
        made.append(
            ForecastRecord(
                id=identity(
                    world, forecast.model, symbol, forecast.timeframe, horizon, forecast.time_ms
                ),
                world=world,
                model=forecast.model,
                symbol=symbol,
                timeframe=forecast.timeframe,
                horizon=horizon,
                origin_ms=forecast.time_ms,
                due_ms=step.time_ms,
                price=forecast.current_price,
                quantiles=step.quantiles,
                reference_sigma=sigma * sqrt(horizon) if sigma is not None else None,
                probability_up=forecast.probability_up if last else None,
                served_ms=now_ms,
            )
        )
    return made


def signal_records(signals: Iterable[Signal], world: str, now_ms: int) -> list[SignalRecord]:
    """Signals that have a target to be judged by."""
    return [
        SignalRecord(
            id=f"{world}|{signal.id}",
            world=world,
            model=signal.model,
            symbol=signal.symbol,
            timeframe=signal.timeframe,
            horizon=signal.horizon,
            origin_ms=signal.time_ms,
            due_ms=signal.time_ms + signal.horizon * TIMEFRAME_MS[signal.timeframe],
            type=signal.type,
            side=signal.side,
            entry=signal.entry_price,
            target=signal.target_price,
            stop=signal.stop_loss,
            confidence=signal.confidence,
            expected_r=signal.expected_r or 0.0,
            expected_r_net=signal.expected_r_net or 0.0,
            served_ms=now_ms,
        )
        for signal in signals
        if signal.target_price is not None and signal.stop_loss is not None
    ]


def identity(*parts: object) -> str:
    """The one name of a thing that may be said many times."""
    return "|".join(map(str, parts))


def reference_sigma(candles: Sequence[Candle]) -> float | None:
    """Standard deviation of the last 500 one-bar log returns; `None` where there are fewer, or
    nothing moved."""
    closes = [candle.close for candle in candles if candle.closed][-REFERENCE_BARS - 1 :]
    if len(closes) <= REFERENCE_BARS:
        return None
    moves = [log(after / before) for before, after in pairwise(closes)]
    mean = fsum(moves) / len(moves)
    return sqrt(fsum((move - mean) ** 2 for move in moves) / len(moves)) or None
