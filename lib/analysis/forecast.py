"""Forecasts of closed candles: the embedded ensemble, one symbol or many at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis.calibration import between_horizons
from lib.analysis.digits import OF_A_CHANCE, short
from lib.analysis.ensemble import MEMBERS, NAME, Ensemble, Judgement, load_ensemble
from lib.analysis.features import MEMORY, STEPS, Features, measure
from lib.analysis.network import HORIZONS, LEVELS, MEDIAN, NORMAL, UP_HORIZONS
from lib.analysis.series import HISTORY, Bars, Floats, lay_out
from lib.errors import InvalidParameter
from lib.market import Candle
from lib.outlook import Direction, Forecast, ForecastStep
from lib.timeframes import TIMEFRAME_MS

TIMEFRAMES: Final = ("1h", "4h", "1d")
FARTHEST: Final = HORIZONS[-1]
NARROWEST, WIDEST = 0.5, 0.99  # intervals that were calibrated
TOLD: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)  # quantiles of each step
_TOLD_AT = [LEVELS.index(level) for level in TOLD]
_NEAR, _NEAR_MARGIN, _FAR_MARGIN = 6, 0.01, 0.03  # of P(up) around one half, to call a direction


class Judged(NamedTuple):
    """A batch of symbols, measured and judged at their last closed candle."""

    timeframe: str
    bars: Bars
    seen: Features
    judgement: Judgement


class Forecaster:
    """The embedded models of every time frame that has one; immutable, so safe to share."""

    def __init__(self, ensembles: Mapping[str, Ensemble]) -> None:
        self._ensembles = dict(ensembles)

    def forecast(
        self,
        candles: Sequence[Candle],
        timeframe: str,
        horizon: int = 24,
        interval: float = 0.8,
    ) -> Forecast:
        """Expect the next `horizon` bars of one symbol; running candles are ignored.

        Raises:
            InsufficientData: fewer than 50 closed candles with trades.
            InvalidParameter: a time frame, horizon or interval that no model serves.
        """
        return self.forecast_many([candles], timeframe, horizon, interval)[0]

    def forecast_many(
        self,
        batch: Sequence[Sequence[Candle]],
        timeframe: str,
        horizon: int = 24,
        interval: float = 0.8,
    ) -> list[Forecast]:
        """The same for many symbols in one pass, in their order."""
        return forecasts(self.judge(batch, timeframe), horizon, interval)

    def judge(self, batch: Sequence[Sequence[Candle]], timeframe: str) -> Judged:
        """Judge many symbols once, for forecasts and signals alike; `HISTORY` candles are read."""
        bars = lay_out(batch, self.known(timeframe), HISTORY)
        seen = measure(bars, timeframe, newest=STEPS)
        rows = np.arange(len(batch))
        return Judged(timeframe, bars, seen, self.judge_bars(seen, timeframe, rows, rows * 0 - 1))

    def judge_bars(
        self,
        seen: Features,
        timeframe: str,
        rows: NDArray[np.intp],
        at: NDArray[np.intp],
    ) -> Judgement:
        """Judge any bars of a measured history, as they would have been judged at the time."""
        size = seen.log_sigma.shape[1]
        return self._ensembles[self.known(timeframe)].judge(seen, rows, at % size)

    def barriers(self, timeframe: str) -> tuple[float, float]:
        """Target and stop of a signal, in ATR, that P(target first) was learnt for."""
        target, stop = self._ensembles[self.known(timeframe)].barriers
        return float(target), float(stop)

    def known(self, timeframe: str) -> str:
        """The time frame, if a model serves it."""
        if timeframe not in self._ensembles:
            accepted = "one of " + ", ".join(self._ensembles)
            raise InvalidParameter.of("timeframe", timeframe, accepted)
        return timeframe


def load_forecaster(folder: Path) -> Forecaster:
    """Read the weights of every time frame from a folder such as `lib/models`."""
    paths = {t: folder / f"price_{t}.npz" for t in TIMEFRAMES}
    return Forecaster({t: load_ensemble(path) for t, path in paths.items() if path.exists()})


def forecasts(judged: Judged, horizon: int = 24, interval: float = 0.8) -> list[Forecast]:
    """Put a judged batch into words: prices, bounds, direction.

    Raises:
        InvalidParameter: a horizon or interval that was not calibrated.
    """
    if not 1 <= horizon <= FARTHEST:
        raise InvalidParameter.of("horizon", horizon, f"1 to {FARTHEST} bars")
    if not NARROWEST <= interval <= WIDEST:
        raise InvalidParameter.of("interval", interval, f"{NARROWEST} to {WIDEST}")
    paths = between_horizons(judged.judgement.quantiles, horizon)
    last = judged.bars.close[:, -1]
    prices = last[:, None, None] * np.exp(paths)
    bounds = [_at_level(prices, (1 - interval) / 2), _at_level(prices, (1 + interval) / 2)]
    told = short(prices[..., _TOLD_AT]).tolist()
    medians, lowers, uppers = (short(x).tolist() for x in (prices[..., MEDIAN], *bounds))
    step_ms = TIMEFRAME_MS[judged.timeframe]
    closed = (judged.bars.open_ms[:, -1] + step_ms).tolist()
    made = []
    for i, price in enumerate(last.tolist()):
        up = probability_up(judged.judgement.up[i], horizon)
        steps = tuple(
            ForecastStep(closed[i] + (k + 1) * step_ms, *row)
            for k, row in enumerate(
                zip(medians[i], lowers[i], uppers[i], map(tuple, told[i]), strict=True)
            )
        )
        made.append(
            Forecast(
                timeframe=judged.timeframe,
                horizon=horizon,
                interval=interval,
                current_price=price,
                time_ms=closed[i],
                steps=steps,
                levels=TOLD,
                model=NAME,
                members=MEMBERS,
                direction=call(up, horizon),
                direction_bars=horizon,
                probability_up=up,
                notes=_notes(judged, i),
            )
        )
    return made


def probability_up(up: Floats, bars: int) -> float | None:
    """Calibrated P(a higher close) so many bars ahead; None beyond what was calibrated."""
    if bars > UP_HORIZONS[-1]:
        return None
    logits = np.log(up / (1 - up))
    chance = 1 / (1 + np.exp(-np.interp(np.log(bars), np.log(UP_HORIZONS), logits)))
    return round(float(chance), OF_A_CHANCE)


def call(up: float | None, bars: int) -> Direction:
    """Name a direction only where the probability is clear of one half."""
    margin = _NEAR_MARGIN if bars < _NEAR else _FAR_MARGIN
    if up is None or abs(up - 0.5) <= margin:
        return "neutral"
    return "bullish" if up > 0.5 else "bearish"


def _at_level(prices: Floats, level: float) -> Floats:
    """A quantile between the learnt ones: straight in log price over normal scores."""
    score = float(np.interp(level, LEVELS, NORMAL))
    right = int(np.searchsorted(NORMAL, score).clip(1, len(NORMAL) - 1))
    share = (score - NORMAL[right - 1]) / (NORMAL[right] - NORMAL[right - 1])
    made: Floats = prices[..., right - 1] ** (1 - share) * prices[..., right] ** share
    return made


def _notes(judged: Judged, row: int) -> tuple[str, ...]:
    real = judged.bars.real[row]
    close = judged.bars.close[row]
    moves = int(((np.diff(close) != 0) & real[1:])[-MEMORY:].sum())
    given = int(real[-MEMORY:].sum())
    first = int(np.argmax(real))
    holes = int((~real[first:]).sum())
    notes = []
    if given < MEMORY and holes < MEMORY - given:
        notes.append(f"Only {given} candles: volatility is less certain than from {MEMORY}.")
    if holes:
        notes.append(
            f"{holes} candles without trades were left out; intervals are wider near them."
        )
    if moves < 20:
        notes.append(f"The price moved in only {moves} candles: the spread is the usual coin's.")
    return tuple(notes)
