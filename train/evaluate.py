"""Print how the shipped models would have done on a folder of candle files, as JSON.

    python -m train.evaluate FOLDER [--from DATE] [--to DATE] [--timeframe 4h] [--every N]
                                    [--cost-bps BPS] [--models DIR]

Every origin is judged by the code that serves requests (`Forecaster.judge_bars`), from what was
known at its close. Reference: a driftless random walk, Gaussian, with the standard deviation of the
last 500 one-bar log returns times the root of the horizon.

Takes half a minute for a folder. Ends with 0 when the report is printed.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis.ensemble import NAME
from lib.analysis.features import measure
from lib.analysis.forecast import TIMEFRAMES, Forecaster, load_forecaster
from lib.analysis.indicators import atr
from lib.analysis.network import HORIZONS
from lib.analysis.odds import ATR_PERIOD, SIGNAL_BARS
from lib.analysis.series import LEAST, Bars, Floats, Ints
from lib.clock import iso_utc
from lib.command import command
from lib.errors import InsufficientData
from lib.timeframes import TIMEFRAME_MS
from train.data import read_folder, timeframe_of, to_bars, utc_ms
from train.metrics import trailing_std
from train.plan import TEST_FROM
from train.report import direction_report, forecast_report, signal_report
from train.targets import first_touch, future_returns

MODELS: Final = Path(__file__).resolve().parents[1] / "lib" / "models"


class Trial(NamedTuple):
    """All origins of all symbols: what was said, and what came."""

    symbol: NDArray[np.str_]
    closed_ms: Ints
    returns: Floats  # [N, H]
    reference: Floats  # one-bar standard deviation of the random walk
    quantiles: Floats  # [N, H, L]
    up: Floats  # [N, 3]
    touch: Floats  # [N, 2, 3]
    close: Floats
    atr: Floats
    codes: NDArray[np.int8]  # which barrier came first, [N, 2]
    exit_close: Floats


def evaluate(
    folder: Path,
    forecaster: Forecaster,
    timeframe: str = "1h",
    start: str = TEST_FROM,
    end: str | None = None,
    every: int = 1,
    cost_bps: float = 10.0,
) -> dict[str, Any]:
    """Judge every origin from a day on and report."""
    began = time.monotonic()
    first, last = utc_ms(start), utc_ms(end) if end else sys.maxsize
    trials, left_out = [], {}
    for symbol, columns in read_folder(folder).items():
        try:
            bars = to_bars(columns[columns[:, 0] < last], timeframe)
        except (InsufficientData, ValueError) as error:
            left_out[symbol] = str(error)
            continue
        trial = _try(symbol, bars, forecaster, timeframe, first, every)
        if len(trial.close):
            trials.append(trial)
        else:
            left_out[symbol] = f"no origin after {start}"
    if not trials:
        return {"model": NAME, "timeframe": timeframe, "origins": 0, "left_out": left_out}
    trial = Trial(*(np.concatenate(part) for part in zip(*trials, strict=True)))
    return {
        "model": NAME,
        "timeframe": timeframe,
        "from": iso_utc(int(trial.closed_ms.min())),
        "to": iso_utc(int(trial.closed_ms.max())),
        "symbols": [str(x) for x in np.unique(trial.symbol)],
        "origins": len(trial.close),
        "reference": "random walk, Gaussian, std of the last 500 one-bar log returns x sqrt(h)",
        "left_out": left_out,
        "forecast": forecast_report(trial),
        "direction": direction_report(trial),
        "signals": signal_report(trial, forecaster.barriers(timeframe), cost_bps),
        "seconds": round(time.monotonic() - began, 1),
    }


def _try(
    symbol: str, bars: Bars, forecaster: Forecaster, timeframe: str, first: int, every: int
) -> Trial:
    closed_ms = bars.open_ms[0] + TIMEFRAME_MS[timeframe]
    enough = np.cumsum(bars.real[0]) >= LEAST
    at = np.flatnonzero(enough & bars.real[0] & (closed_ms >= first))[::every]
    close = bars.close[0]
    unit = atr(bars.high[0], bars.low[0], close, ATR_PERIOD)
    up, down = forecaster.barriers(timeframe)
    long, exit_close = first_touch(bars, close + up * unit, close - down * unit, SIGNAL_BARS)
    short, _ = first_touch(bars, close - up * unit, close + down * unit, SIGNAL_BARS)
    judged = forecaster.judge_bars(measure(bars, timeframe), timeframe, at * 0, at)
    return Trial(
        np.full(len(at), symbol),
        closed_ms[at],
        future_returns(close, HORIZONS)[at],
        trailing_std(close)[at],
        *judged,
        close[at],
        unit[at],
        np.stack([long, short], 1)[at],
        exit_close[at],
    )


def own_timeframe(folder: Path) -> str:
    """The time frame of a folder's first file, where a model serves it; else hours."""
    for columns in read_folder(folder).values():
        for timeframe in TIMEFRAMES:
            if len(columns) > 1 and TIMEFRAME_MS[timeframe] == timeframe_of(columns):
                return timeframe
        break
    return "1h"


def main() -> None:
    """Read the command line, print the report."""
    parser = command(__doc__)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of candle files")
    parser.add_argument(
        "--from",
        dest="start",
        default=TEST_FROM,
        metavar="DATE",
        help=f"origins since ({TEST_FROM})",
    )
    parser.add_argument(
        "--to", dest="end", default=None, metavar="DATE", help="origins before; default: all"
    )
    parser.add_argument("--timeframe", choices=TIMEFRAMES, help="default: that of the files, or 1h")
    parser.add_argument(
        "--every", metavar="N", type=int, default=1, help="judge every n-th bar only"
    )
    parser.add_argument(
        "--cost-bps", metavar="BPS", type=float, default=10.0, help="of a round trip (10)"
    )
    parser.add_argument(
        "--models", metavar="DIR", type=Path, default=MODELS, help="default: lib/models"
    )
    given = parser.parse_args()
    report = evaluate(
        given.folder,
        load_forecaster(given.models),
        given.timeframe or own_timeframe(given.folder),
        given.start,
        given.end,
        given.every,
        given.cost_bps,
    )
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
