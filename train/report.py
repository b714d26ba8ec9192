"""The sections of an evaluation: forecasts, direction, signals."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.analysis.forecast import call
from lib.analysis.network import HORIZONS, UP_HORIZONS
from lib.analysis.odds import weigh
from lib.analysis.series import Flags, Floats
from train.metrics import (
    GAUSSIAN,
    by_group,
    calibration_error,
    central,
    covered,
    crps,
    figure,
    reliability,
    week_bootstrap,
)
from train.targets import STOP, TARGET, TIMEOUT

if TYPE_CHECKING:
    from train.evaluate import Trial

_FEWEST = 100  # rows: with fewer, a group's figures are noise and are not printed


def forecast_report(trial: "Trial") -> dict[str, Any]:
    """CRPS against the random walk, and coverage, per horizon, year, symbol and both."""
    return {str(h): _horizon(trial, i) for i, h in enumerate(HORIZONS)}


def _horizon(trial: "Trial", index: int) -> dict[str, Any]:
    known = np.isfinite(trial.returns[:, index])
    outcome, quantiles = trial.returns[known, index], trial.quantiles[known, index]
    symbol, closed_ms = trial.symbol[known], trial.closed_ms[known]
    reference = trial.reference[known] * np.sqrt(HORIZONS[index])
    year = closed_ms.astype("datetime64[ms]").astype("datetime64[Y]").astype(str)
    scale = np.ones(len(outcome))
    for name in np.unique(symbol):
        mine = symbol == name
        scale[mine] = outcome[mine].std() or 1.0
    scored = np.isfinite(reference)
    own = np.where(scored, crps(outcome, central(quantiles)) / scale, 0)
    walk = crps(outcome, np.nan_to_num(reference)[:, None] * GAUSSIAN) / scale * scored
    inside = {share: covered(outcome, quantiles, share) for share in (0.8, 0.95)}

    def figures(rows: Any) -> dict[str, Any] | None:
        if rows.sum() < _FEWEST:
            return None
        compared = walk[rows].sum()
        return {
            "n": int(rows.sum()),
            "crps_ratio": figure(own[rows].sum() / compared) if compared else None,
            "coverage_80": figure(inside[0.8][rows].mean()),
            "coverage_95": figure(inside[0.95][rows].mean()),
        }

    everything = np.ones(len(outcome), dtype=bool)
    made = figures(everything)
    if made is None:
        return {"n": len(outcome)}
    made["crps_ratio_interval"] = week_bootstrap(closed_ms, own, walk) if walk.any() else None
    made["by_year"] = by_group(year, figures)
    made["by_symbol"] = by_group(symbol, figures)

    def by_year(own: Flags) -> dict[str, object]:
        return by_group(year[own], lambda rows: figures(_within(own, rows)))

    made["by_symbol_and_year"] = {str(name): by_year(symbol == name) for name in np.unique(symbol)}
    return made


def _within(outer: Any, inner: Any) -> Any:
    """Rows of the whole that are chosen among the chosen."""
    made = outer.copy()
    made[outer] = inner
    return made


def _mean_of(hit: Floats) -> Callable[[Flags], float | None]:
    """The mean over chosen rows."""
    return lambda rows: figure(hit[rows].mean())


def direction_report(trial: "Trial") -> dict[str, Any]:
    """Hit rate, Brier score and reliability of P(up), and of the directions that would be named."""
    made = {}
    for i, bars in enumerate(UP_HORIZONS):
        returns = trial.returns[:, HORIZONS.index(bars)]
        moved = np.isfinite(returns) & (returns != 0)
        if moved.sum() < _FEWEST:
            continue
        p, rose = trial.up[moved, i], (returns[moved] > 0) * 1.0
        closed_ms = trial.closed_ms[moved]
        hit = ((p > 0.5) == (rose > 0)) * 1.0
        table = reliability(p, rose)
        named = np.array([call(float(x), bars) != "neutral" for x in p])
        sure = np.abs(p - 0.5) >= np.quantile(np.abs(p - 0.5), 0.9)
        year = closed_ms.astype("datetime64[ms]").astype("datetime64[Y]").astype(str)
        made[str(bars)] = {
            "n": int(moved.sum()),
            "hit_rate": figure(hit.mean()),
            "hit_rate_interval": week_bootstrap(closed_ms, hit, np.ones(len(hit))),
            "hit_rate_by_year": by_group(year, _mean_of(hit)),
            "hit_rate_surest_tenth": figure(hit[sure].mean()),
            "named_share": figure(named.mean()),
            "named_hit_rate": figure(hit[named].mean()) if named.any() else None,
            "named_hit_rate_interval": week_bootstrap(closed_ms, hit * named, named * 1.0)
            if named.any()
            else None,
            "brier": round(float(((p - rose) ** 2).mean()), 5),
            "ece": calibration_error(table),
            "reliability": table,
        }
    return made


def signal_report(trial: "Trial", barriers: tuple[float, float], cost_bps: float) -> dict[str, Any]:
    """Reliability of P(target first), and what the signals would have earned, in R."""
    odds = weigh(trial.close, trial.atr, trial.touch, barriers, cost_bps)
    rows = np.arange(len(odds.side))
    code = trial.codes[rows, odds.side]
    known = (code >= 0) & np.isfinite(trial.atr) & (trial.atr > 0)
    if known.sum() < _FEWEST:
        return {"n": int(known.sum())}
    risk = np.abs(trial.close - odds.stop)
    sign = np.where(odds.target > trial.close, 1, -1)
    timed_out = sign * (trial.exit_close - trial.close) / risk.clip(1e-300)
    gained = np.select(
        [code == TARGET, code == STOP, code == TIMEOUT], [odds.risk_reward, -1.0, timed_out], 0.0
    )
    reached = (code == TARGET) * 1.0
    net = odds.expected - odds.cost
    both = trial.codes >= 0
    table = reliability(odds.p_target[known], reached[known])
    all_sides = reliability(trial.touch[..., 0][both], (trial.codes[both] == TARGET) * 1.0)

    def earned(chosen: Any) -> dict[str, Any]:
        n = int(chosen.sum())
        if n < _FEWEST:
            return {"n": n}
        week = week_bootstrap(trial.closed_ms[chosen], gained[chosen], np.ones(n))
        return {
            "n": n,
            "confidence": figure(odds.p_target[chosen].mean()),
            "target_first": figure(reached[chosen].mean()),
            "expected_r": figure(odds.expected[chosen].mean()),
            "realised_r": figure(gained[chosen].mean()),
            "realised_r_interval": week,
            "expected_r_net": figure(net[chosen].mean()),
            "realised_r_net": figure((gained - odds.cost)[chosen].mean()),
        }

    best = {
        f"best_{percent}_percent": earned(
            known & (net >= np.quantile(net[known], 1 - percent / 100))
        )
        for percent in (10, 1)
    }
    return {
        "barriers_atr": list(barriers),
        "horizon": 24,
        "cost_bps": cost_bps,
        "n": int(known.sum()),
        "ece": calibration_error(table),
        "ece_both_sides": calibration_error(all_sides),
        "brier": round(float(((odds.p_target - reached)[known] ** 2).mean()), 5),
        "base_rate": figure(reached[known].mean()),
        "reliability": table,
        "all": earned(known),
        "issued_share": figure((net[known] > 0).mean()),
        "issued": earned(known & (net > 0)),
        **best,
    }
