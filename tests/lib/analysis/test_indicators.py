"""Indicators, against TA-Lib."""

from collections.abc import Callable

import numpy as np
import pytest

from lib.analysis import indicators

talib = pytest.importorskip("talib", reason="TA-Lib, the oracle of indicators, is not installed")

NAMES = {
    "sma": (lambda o: indicators.sma(o.c, 20), lambda o: talib.SMA(o.c, 20)),
    "ema": (lambda o: indicators.ema(o.c, 12), lambda o: talib.EMA(o.c, 12)),
    "rsi": (lambda o: indicators.rsi(o.c), lambda o: talib.RSI(o.c)),
    "macd": (lambda o: indicators.macd(o.c)[0], lambda o: talib.MACD(o.c)[0]),
    "macd_signal": (lambda o: indicators.macd(o.c)[1], lambda o: talib.MACD(o.c)[1]),
    "macd_histogram": (lambda o: indicators.macd(o.c)[2], lambda o: talib.MACD(o.c)[2]),
    "atr": (lambda o: indicators.atr(o.h, o.l, o.c), lambda o: talib.ATR(o.h, o.l, o.c)),
    "upper": (lambda o: indicators.bollinger(o.c)[0], lambda o: talib.BBANDS(o.c, 20, 2, 2)[0]),
    "lower": (lambda o: indicators.bollinger(o.c)[2], lambda o: talib.BBANDS(o.c, 20, 2, 2)[2]),
    "obv": (lambda o: indicators.obv(o.c, o.v), lambda o: talib.OBV(o.c, o.v)),
    "adx": (lambda o: indicators.adx(o.h, o.l, o.c), lambda o: talib.ADX(o.h, o.l, o.c)),
    "stochastic_k": (
        lambda o: indicators.stochastic(o.h, o.l, o.c)[0],
        lambda o: talib.STOCH(o.h, o.l, o.c, 14, 3, 0, 3, 0)[0],
    ),
    "stochastic_d": (
        lambda o: indicators.stochastic(o.h, o.l, o.c)[1],
        lambda o: talib.STOCH(o.h, o.l, o.c, 14, 3, 0, 3, 0)[1],
    ),
}


class Columns:
    """A history by column, as both sides take it."""

    def __init__(self, rows: np.ndarray) -> None:
        _, self.o, self.h, self.l, self.c, self.v = (np.ascontiguousarray(x) for x in rows.T)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bars", [20, 33, 34, 60, 1000])
def test_an_indicator_equals_the_oracle(
    name: str, bars: int, rows: Callable[..., np.ndarray]
) -> None:
    ours, theirs = NAMES[name]
    history = Columns(rows(bars, seed=bars))

    np.testing.assert_allclose(ours(history), theirs(history), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["rsi", "adx", "atr", "stochastic_k", "upper", "obv"])
def test_an_indicator_equals_the_oracle_where_nothing_moves(name: str) -> None:
    ours, theirs = NAMES[name]
    history = Columns(np.full((80, 6), 5.0))

    np.testing.assert_allclose(ours(history), theirs(history), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", sorted(NAMES.keys() - {"obv"}))
@pytest.mark.parametrize("bars", [1, 2, 11])
def test_too_short_a_history_is_all_unknown(
    name: str, bars: int, rows: Callable[..., np.ndarray]
) -> None:
    made = NAMES[name][0](Columns(rows(bars)))

    assert len(made) == bars
    assert np.isnan(made).all()
