"""The ledger's report: how good what was said turned out to be. Pure, and the same everywhere.

CRPS is twice the mean pinball loss over the stored levels, of the log return; its reference is a
random walk with Gaussian steps of the last 500 bars' deviation, scored at the same levels.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import fsum, log
from statistics import NormalDist
from typing import Any, Final, TypeVar

from msgspec import UNSET, Struct, UnsetType

from lib.ledger.chances import (
    Bin,
    Case,
    brier,
    calibration_error,
    hit_interval,
    is_hit,
    reliability,
)
from lib.ledger.records import LEVELS, ForecastRecord, SignalRecord
from lib.timeframes import DAY_MS
from lib.units import UnixMs

R = TypeVar("R")

_NORMAL: Final = tuple(NormalDist().inv_cdf(level) for level in LEVELS)
_UP_STEP, _CHANCE_STEP = 0.02, 0.1


class ForecastScore(Struct, frozen=True, kw_only=True):
    """How forecasts of one model, time frame and horizon did. `crps_ratio` below 1 beats a random
    walk; `hit_rate` is of the `directions` that could be told while the price moved, with its 95 %
    bounds from five days on. `brier` is .25 for a coin; `ece`, the mean distance between said and
    happened in ten bins, is told from 100 directions on; `reliability` shows the bins, of all
    symbols together."""

    model: str
    timeframe: str
    horizon: int
    symbol: str | None
    n: int
    coverage_80: float
    coverage_95: float
    crps_ratio: float | None
    directions: int
    hit_rate: float | None
    hit_rate_low: float | None
    hit_rate_high: float | None
    brier: float | None
    ece: float | None
    reliability: list[Bin] | UnsetType = UNSET
    since: UnixMs
    until: UnixMs


class SignalScore(Struct, frozen=True, kw_only=True):
    """How signals of one model and time frame did. `confidence` is the mean said P(target first),
    `target_rate` the share that got there, `brier` and `ece` (from 100 signals on) how well the
    one told the other; R is the mean gain of those to buy or sell."""

    model: str
    timeframe: str
    symbol: str | None
    n: int
    confidence: float
    target_rate: float
    stop_rate: float
    timeout_rate: float
    brier: float | None
    ece: float | None
    reliability: list[Bin] | UnsetType = UNSET
    taken: int
    mean_r: float | None
    expected_r: float | None
    since: UnixMs
    until: UnixMs


class Report(Struct, frozen=True, kw_only=True):
    """Everything that the ledger tells: pooled, by symbol, and whether probabilities were right."""

    forecasts: list[ForecastScore]
    forecasts_by_symbol: list[ForecastScore]
    signals: list[SignalScore]
    signals_by_symbol: list[SignalScore]
    direction_reliability: list[Bin]
    signal_reliability: list[Bin]
    recorded: int
    scored: int


def build_report(forecasts: Sequence[ForecastRecord], signals: Sequence[SignalRecord]) -> Report:
    """Judge what has its outcome; the rest is only counted."""
    known = [row for row in forecasts if row.outcome is not None]
    ended = [row for row in signals if row.outcome is not None]
    return Report(
        forecasts=[_forecasts(rows, None) for rows in _grouped(known, _kind)],
        forecasts_by_symbol=[
            _forecasts(rows, rows[0].symbol)
            for rows in _grouped(known, lambda row: (*_kind(row), row.symbol))
        ],
        signals=[_signals(rows, None) for rows in _grouped(ended, _kind)],
        signals_by_symbol=[
            _signals(rows, rows[0].symbol)
            for rows in _grouped(ended, lambda row: (*_kind(row), row.symbol))
        ],
        direction_reliability=reliability(_directions(known), _UP_STEP),
        signal_reliability=reliability(_targets(ended), _CHANCE_STEP),
        recorded=len(forecasts) + len(signals),
        scored=len(known) + len(ended),
    )


def crps(outcome: float, quantiles: Sequence[float]) -> float:
    """Twice the mean pinball loss over LEVELS."""
    losses = (
        max(level * (outcome - quantile), (level - 1) * (outcome - quantile))
        for level, quantile in zip(LEVELS, quantiles, strict=True)
    )
    return 2 * fsum(losses) / len(LEVELS)


def _kind(row: ForecastRecord | SignalRecord) -> tuple[str, str, int]:
    return (row.model, row.timeframe, row.horizon)


def _grouped(rows: Iterable[R], key: Callable[[R], tuple[Any, ...]]) -> list[list[R]]:
    groups: dict[tuple[Any, ...], list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [groups[name] for name in sorted(groups)]


def _forecasts(rows: Sequence[ForecastRecord], symbol: str | None) -> ForecastScore:
    judged = [(log(_close(row) / row.price), row) for row in rows if row.reference_sigma]
    own = fsum(crps(out, [log(q / row.price) for q in row.quantiles]) for out, row in judged)
    walk = fsum(crps(out, [z * (row.reference_sigma or 0) for z in _NORMAL]) for out, row in judged)
    told = _directions(rows)
    low, high = hit_interval(told) or (None, None)
    return ForecastScore(
        model=rows[0].model,
        timeframe=rows[0].timeframe,
        horizon=rows[0].horizon,
        symbol=symbol,
        n=len(rows),
        coverage_80=_share(_inside(row, 0.1, 0.9) for row in rows),
        coverage_95=_share(_inside(row, 0.025, 0.975) for row in rows),
        crps_ratio=_figure(own / walk) if walk > 0 else None,
        directions=len(told),
        hit_rate=_share(map(is_hit, told)) if told else None,
        hit_rate_low=low,
        hit_rate_high=high,
        brier=brier(told),
        ece=calibration_error(told),
        reliability=UNSET if symbol else reliability(told, _UP_STEP),
        since=min(row.origin_ms for row in rows),
        until=max(row.due_ms for row in rows),
    )


def _signals(rows: Sequence[SignalRecord], symbol: str | None) -> SignalScore:
    taken = [row for row in rows if row.type != "hold"]
    told = _targets(rows)
    return SignalScore(
        model=rows[0].model,
        timeframe=rows[0].timeframe,
        symbol=symbol,
        n=len(rows),
        confidence=_figure(fsum(row.confidence for row in rows) / len(rows)),
        target_rate=_share(row.outcome == "target" for row in rows),
        stop_rate=_share(row.outcome == "stop" for row in rows),
        timeout_rate=_share(row.outcome == "timeout" for row in rows),
        brier=brier(told),
        ece=calibration_error(told),
        reliability=UNSET if symbol else reliability(told, _CHANCE_STEP),
        taken=len(taken),
        mean_r=_mean([row.realized_r or 0.0 for row in taken]),
        expected_r=_mean([row.expected_r for row in taken]),
        since=min(row.origin_ms for row in rows),
        until=max(row.due_ms for row in rows),
    )


def _directions(rows: Iterable[ForecastRecord]) -> list[Case]:
    """Each chance of a rise that was told, where the price moved."""
    return [
        Case(row.probability_up, _close(row) > row.price, row.origin_ms // DAY_MS)
        for row in rows
        if row.probability_up is not None and _close(row) != row.price
    ]


def _targets(rows: Iterable[SignalRecord]) -> list[Case]:
    return [Case(row.confidence, row.outcome == "target", row.origin_ms // DAY_MS) for row in rows]


def _close(row: ForecastRecord) -> float:
    assert row.outcome is not None  # noqa: S101 - only those that have one are judged
    return row.outcome


def _inside(row: ForecastRecord, low: float, high: float) -> bool:
    lower, upper = (row.quantiles[LEVELS.index(level)] for level in (low, high))
    return lower <= _close(row) <= upper


def _share(happened: Iterable[bool]) -> float:
    cases = list(happened)
    return _figure(sum(cases) / len(cases))


def _mean(values: Sequence[float]) -> float | None:
    return _figure(fsum(values) / len(values)) if values else None


def _figure(value: float) -> float:
    return round(value, 4)
