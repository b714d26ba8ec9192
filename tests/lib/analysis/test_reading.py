"""Sentences about indicators are true of the indicators."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.reading import read_indicators, reasons
from lib.analysis.series import grid
from lib.outlook import Indicators
from tests.lib.analysis.conftest import make_rows

maybe = st.none() | st.floats(0, 100)


def assert_true(lines: tuple[str, ...], seen: Indicators, close: float) -> None:
    """Each sentence against the values, judged by the rules in words."""
    for line in lines:
        if line.startswith("RSI"):
            assert f"{seen.rsi:.1f}" in line
            assert ("oversold" in line.split(": ")[1].split() and "nor" not in line) == (
                seen.rsi < 30
            )
            assert ("overbought" in line and "neither" not in line) == (seen.rsi > 70)
        elif line.startswith("EMA"):
            assert ("is above" in line) == (seen.ema_12 > seen.ema_26)
            assert f"{seen.adx:.1f}" in line
            assert ("upward" in line) == (seen.trend == "bullish")
            assert ("downward" in line) == (seen.trend == "bearish")
        elif line.startswith("MACD"):
            assert ("above" in line) == seen.macd_state.startswith("bullish")
            assert ("crossed" in line) == seen.macd_state.endswith("crossover")
        elif "upper Bollinger" in line:
            assert close > seen.bollinger_upper
        elif "lower Bollinger" in line:
            assert close < seen.bollinger_lower
        elif line.startswith("Volume"):
            assert seen.volume_ratio >= 2
        elif line.endswith("rising bars"):
            assert seen.volume_balance > 0.1
        elif line.endswith("falling bars"):
            assert seen.volume_balance < -0.1
        else:
            pytest.fail(f"a sentence that no rule covers: {line}")


@pytest.mark.parametrize("seed", range(25))
def test_sentences_about_a_history_agree_with_its_indicators(seed: int) -> None:
    bars = grid(make_rows(260, seed=seed), "1h")
    seen, close = read_indicators(bars), float(bars.close[0, -1])

    lines = reasons(seen, close)

    assert len(lines) >= 3
    assert_true(lines, seen, close)
    if seen.trend == "bullish":
        assert seen.ema_12 > seen.ema_26
        assert seen.adx >= 20
    assert seen.macd_state.startswith("bullish") == (seen.macd_histogram > 0)


@given(rsi=maybe, ratio=maybe, balance=st.none() | st.floats(-1, 1), close=st.floats(1, 100))
def test_sentences_about_any_values_agree_with_them(
    rsi: float | None, ratio: float | None, balance: float | None, close: float
) -> None:
    profile = None if balance is None else "balanced"
    if balance is not None and abs(balance) > 0.1:
        profile = "accumulation" if balance > 0 else "distribution"
    seen = Indicators(
        rsi=rsi,
        volume_ratio=ratio,
        volume_balance=balance,
        volume_profile=profile,
        bollinger_upper=60.0,
        bollinger_lower=40.0,
    )

    assert_true(reasons(seen, close), seen, close)


def test_nothing_is_said_of_a_price_that_never_moved() -> None:
    flat = make_rows(300)
    flat[:, 1:5], flat[:, 5] = 42.0, 0.0

    seen = read_indicators(grid(flat, "1h"))

    assert seen.rsi is seen.trend is seen.macd_state is seen.volume_profile is None
    assert reasons(seen, 42.0) == ()


def rising(bars: int, turn: int) -> np.ndarray:
    """Falls until the turn, then rises steeply; volume grows at the end."""
    path = np.concatenate([np.linspace(200, 100, turn), np.linspace(101, 260, bars - turn)])
    history = make_rows(bars)
    history[:, 1] = history[:, 4] = path
    history[:, 2], history[:, 3] = path * 1.001, path * 0.999
    history[:, 5] = 100.0
    history[-10:, 5] = 300.0
    return history


def test_a_steady_rise_reads_as_one() -> None:
    seen = read_indicators(grid(rising(300, 150), "1h"))

    assert seen.trend == "bullish"
    assert seen.strength == 10.0
    assert seen.rsi > 70
    assert seen.volume_trend == "increasing"
    assert seen.volume_profile == "accumulation"


def test_long_averages_that_crossed_of_late_are_a_golden_cross() -> None:
    history = rising(300, 150)
    gaps = [
        read_indicators(grid(history[:end], "1h")).moving_averages for end in range(205, 300, 5)
    ]

    assert gaps[0] == "bearish"
    assert "golden_cross" in gaps
    assert gaps[-1] == "bullish"


def test_bars_without_trades_are_left_out(rows: Callable[..., np.ndarray]) -> None:
    history = rows(300)
    late = history.copy()
    late[200:, 0] += 5 * 3_600_000

    assert read_indicators(grid(history, "1h")) == read_indicators(grid(late, "1h"))
