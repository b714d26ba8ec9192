"""The evaluation: its figures against hand computation, and files it has not seen."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib.analysis.forecast import load_forecaster
from lib.analysis.network import LEVELS, NORMAL
from lib.analysis.series import grid
from tests.lib.analysis.conftest import MODELS, make_rows
from train.data import read_folder, to_bars
from train.evaluate import evaluate, own_timeframe
from train.metrics import (
    calibration_error,
    central,
    covered,
    crps,
    reliability,
    trailing_std,
    week_bootstrap,
)
from train.targets import STOP, TARGET, TIMEOUT, first_touch, future_returns

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, symbol: str, history: np.ndarray) -> None:
    """A candle file in the corpus' form."""
    lines = ["timestamp_ms,open,high,low,close,volume"]
    lines += [f"{int(r[0])}," + ",".join(repr(float(x)) for x in r[1:]) for r in history]
    (folder / f"{symbol}.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))


def test_the_command_prints_the_figures_of_a_folder(tmp_path: Path) -> None:
    for seed, symbol in enumerate(("AAAUSDT", "BBBUSDT")):
        write(tmp_path, symbol, make_rows(1500, seed=seed))
    write(tmp_path, "NEWUSDT", make_rows(20))
    command = [sys.executable, "-m", "train.evaluate", str(tmp_path), "--from", "2024-02-01"]

    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)

    report = json.loads(done.stdout)
    assert report["symbols"] == ["AAAUSDT", "BBBUSDT"]
    assert report["origins"] == 2 * (1500 - 31 * 24 + 1)
    assert list(report["left_out"]) == ["NEWUSDT"]
    assert 0.7 < report["forecast"]["1"]["coverage_80"] < 0.95
    by_both = report["forecast"]["1"]["by_symbol_and_year"]
    assert by_both["AAAUSDT"]["2024"]["n"] == report["forecast"]["1"]["n"] / 2
    assert sum(row["n"] for row in report["direction"]["1"]["reliability"]) > 1000
    assert report["signals"]["ece"] is not None


def test_longer_bars_are_made_of_the_file_s(tmp_path: Path) -> None:
    write(tmp_path, "AAAUSDT", make_rows(3200))

    report = evaluate(tmp_path, load_forecaster(MODELS), "4h", "2024-01-20")

    assert report["timeframe"] == "4h"
    assert report["origins"] == 800 - 19 * 6 + 1


@pytest.mark.parametrize(("timeframe", "said"), [("1h", "1h"), ("4h", "4h"), ("30m", "1h")])
def test_a_folder_is_judged_in_its_own_time_frame(
    timeframe: str, said: str, tmp_path: Path
) -> None:
    write(tmp_path, "AAAUSDT", make_rows(100, timeframe=timeframe))
    assert own_timeframe(tmp_path) == said


def test_a_folder_without_origins_says_so(tmp_path: Path) -> None:
    write(tmp_path, "AAAUSDT", make_rows(100))

    report = evaluate(tmp_path, load_forecaster(MODELS), "1h", "2030-01-01")

    assert report["origins"] == 0
    assert "2030-01-01" in report["left_out"]["AAAUSDT"]


def test_hours_add_up_to_a_day(tmp_path: Path) -> None:
    history = make_rows(24 * 60 + 7)
    write(tmp_path, "AAAUSDT", history)

    bars = to_bars(read_folder(tmp_path)["AAAUSDT"], "1d")

    day = history[24:48]
    assert bars.close.shape == (1, 60)  # the last, unfinished day is left out
    assert bars.open[0, 1] == day[0, 1]
    assert bars.high[0, 1] == day[:, 2].max()
    assert bars.low[0, 1] == day[:, 3].min()
    assert bars.close[0, 1] == day[-1, 4]
    assert bars.volume[0, 1] == pytest.approx(day[:, 5].sum())


def test_crps_is_twice_the_mean_pinball_loss() -> None:
    quantiles = np.array(NORMAL)[None]
    levels = np.arange(0.05, 0.951, 0.05)
    scores = np.array(NORMAL[3:22])
    pinball = np.where(scores < 0.3, levels * (0.3 - scores), (1 - levels) * (scores - 0.3))

    assert crps(np.array([0.3]), central(quantiles)) == pytest.approx(2 * pinball.mean())


def test_coverage_counts_what_falls_between_the_levels() -> None:
    quantiles = np.tile(np.array(LEVELS), (4, 1))
    inside = covered(np.array([0.05, 0.1, 0.9, 0.91]), quantiles, 0.8)
    assert inside.tolist() == [False, True, True, False]


def test_the_reference_looks_back_only() -> None:
    close = np.exp(np.cumsum(np.random.default_rng(0).standard_normal(700) * 0.01))

    made = trailing_std(close, 500)

    assert np.isnan(made[:500]).all()
    assert made[600] == pytest.approx(np.diff(np.log(close[100:601])).std())


def test_reliability_of_a_coin_that_is_called_right() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(100_000)

    table = reliability(p, (rng.random(100_000) < p) * 1.0)

    assert [row["n"] for row in table] == [10_000] * 10
    assert calibration_error(table) < 0.01


def test_reliability_shows_a_bias() -> None:
    table = reliability(np.full(1000, 0.6), np.tile([0.0, 1.0], 500))
    assert calibration_error(table) == pytest.approx(0.1)


def test_the_bootstrap_draws_whole_weeks() -> None:
    week = 604_800_000
    times = np.repeat(np.arange(2) * week, 500)

    low, high = week_bootstrap(times, np.repeat([0.0, 1.0], 500), np.ones(1000))

    assert (low, high) == (0.0, 1.0)  # with two weeks, either may be drawn twice


def bars_of(prices: list[tuple[float, float, float]]) -> object:
    """A grid of (high, low, close) after 50 quiet bars at 100."""
    quiet = [(100.1, 99.9, 100.0)] * 50
    rows = [
        (i * 3_600_000.0, min(max(c, lo), h), h, lo, c, 1.0)
        for i, (h, lo, c) in enumerate(quiet + prices)
    ]
    return grid(np.array(rows), "1h")


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ([(101.0, 99.5, 100.5), (102.5, 100.0, 102.0), (102, 97, 98.0)], TARGET),
        ([(101.0, 97.5, 98.0), (103.0, 100.0, 102.0), (103, 100, 102)], STOP),
        ([(102.5, 97.5, 100.0), (100.1, 99.9, 100.0), (100.1, 99.9, 100.0)], STOP),
        ([(101.0, 99.0, 100.0), (101.0, 99.0, 100.0), (101.0, 99.0, 100.5)], TIMEOUT),
        ([(101.0, 99.0, 100.0)], -1),
    ],
)
def test_the_first_barrier_touched_decides(
    after: list[tuple[float, float, float]], code: int
) -> None:
    bars = bars_of(after)
    size = bars.close.shape[1]

    codes, exits = first_touch(bars, np.full(size, 102.0), np.full(size, 98.0), 3)

    assert codes[49] == code
    if code == TIMEOUT:
        assert exits[49] == 100.5


def test_returns_ahead_end_with_the_history() -> None:
    made = future_returns(np.exp(np.arange(10.0)), (1, 6))
    assert made[3].tolist() == pytest.approx([1.0, 6.0])
    assert np.isnan(made[4:, 1]).all()
    assert np.isnan(made[9]).all()
