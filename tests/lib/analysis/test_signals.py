"""Signals: their arithmetic, and their honesty about having no edge."""

from collections.abc import Callable

import numpy as np
import pytest

from lib.analysis.forecast import Forecaster
from lib.analysis.odds import LONG, SHORT, weigh
from lib.analysis.signals import BEST_R, score, signals
from lib.market import Candle
from lib.outlook import Signal
from tests.lib.analysis.conftest import make_rows, to_candles

HOUR = 3_600_000


def one(forecaster: Forecaster, touch: list[list[float]], cost_bps: float = 10.0) -> Signal:
    """The signal of one ordinary history, with chances of our choosing."""
    return _signals(forecaster, touch, cost_bps)[0]


def _signals(forecaster: Forecaster, touch: list[list[float]], cost_bps: float) -> list[Signal]:
    judged = forecaster.judge([to_candles(make_rows(700))], "1h")
    said = judged.judgement._replace(touch=np.array([touch]))
    return signals(judged._replace(judgement=said), ["BTC/USDT"], (1.5, 1.5), cost_bps)


def test_the_better_side_is_weighed() -> None:
    touch = np.array([[[0.5, 0.4, 0.1], [0.3, 0.5, 0.2]], [[0.3, 0.5, 0.2], [0.5, 0.4, 0.1]]])

    odds = weigh(np.array([100.0, 100.0]), np.array([2.0, 2.0]), touch, (2.0, 1.0), 10.0)

    assert odds.side.tolist() == [LONG, SHORT]
    assert odds.target.tolist() == [104.0, 96.0]
    assert odds.stop.tolist() == [98.0, 102.0]
    assert odds.risk_reward.tolist() == [2.0, 2.0]
    assert odds.expected == pytest.approx([0.5 * 2 - 0.4] * 2)
    assert odds.cost == pytest.approx([0.001 * 100 / 2] * 2)


def test_an_edge_after_costs_is_a_call_with_its_sums(forecaster: Forecaster) -> None:
    signal = one(forecaster, [[0.6, 0.3, 0.1], [0.3, 0.6, 0.1]])

    assert (signal.type, signal.side, signal.confidence) == ("buy", "buy", 0.6)
    assert signal.reason is None
    risk = signal.entry_price - signal.stop_loss
    reward = signal.target_price - signal.entry_price
    assert signal.risk_reward == pytest.approx(reward / risk)
    assert signal.expected_r == pytest.approx(0.6 * reward / risk - 0.3)
    cost = signal.cost_bps / 10_000 * signal.entry_price / risk
    assert signal.expected_r_net == pytest.approx(signal.expected_r - cost)
    assert signal.score == round(10 * min(signal.expected_r_net / BEST_R, 1), 1)


def test_a_short_has_its_target_below(forecaster: Forecaster) -> None:
    signal = one(forecaster, [[0.3, 0.6, 0.1], [0.6, 0.3, 0.1]])

    assert signal.type == "sell"
    assert signal.target_price < signal.entry_price < signal.stop_loss


def test_an_edge_smaller_than_its_cost_is_a_hold_that_says_so(forecaster: Forecaster) -> None:
    signal = one(forecaster, [[0.45, 0.44, 0.11], [0.44, 0.45, 0.11]], cost_bps=50)

    assert (signal.type, signal.side, signal.score) == ("hold", "buy", 0.0)
    assert "cost" in signal.reason
    assert signal.expected_r > 0 > signal.expected_r_net


def test_no_edge_at_all_is_a_hold_that_says_so(forecaster: Forecaster) -> None:
    signal = one(forecaster, [[0.4, 0.5, 0.1], [0.4, 0.5, 0.1]], cost_bps=0)

    assert signal.type == "hold"
    assert signal.reason.startswith("Neither side is worth taking")


def test_a_price_that_never_moved_has_no_target(forecaster: Forecaster) -> None:
    flat = make_rows(700)
    flat[:, 1:5] = 42.0
    judged = forecaster.judge([to_candles(flat)], "1h")

    (signal,) = signals(judged, ["DEAD/USDT"], (1.5, 1.5))

    assert (signal.type, signal.score) == ("hold", 0.0)
    assert signal.target_price is signal.stop_loss is signal.risk_reward is None
    assert signal.expected_r is signal.expected_r_net is None
    assert "has not moved" in signal.reason


def test_a_price_that_moved_by_all_of_itself_has_no_stop_below_nothing(
    forecaster: Forecaster,
) -> None:
    wild = make_rows(700)
    wild[-1, 2] = 100 * wild[-1, 4]  # the high
    judged = forecaster.judge([to_candles(wild)], "1h")

    (signal,) = signals(judged, ["WILD/USDT"], (1.5, 1.5))

    assert (signal.type, signal.score) == ("hold", 0.0)
    assert signal.target_price is signal.stop_loss is signal.expected_r_net is None
    assert "below 0" in signal.reason


@pytest.mark.parametrize("timeframe", ["1h", "4h", "1d"])
def test_what_the_models_say_is_a_lawful_signal(
    timeframe: str, forecaster: Forecaster, candles: Callable[..., list[Candle]]
) -> None:
    judged = forecaster.judge(
        [candles(700, seed=s, timeframe=timeframe) for s in range(5)], timeframe
    )

    made = signals(judged, list("ABCDE"), forecaster.barriers(timeframe))

    for signal in made:
        total = signal.confidence + signal.probability_stop + signal.probability_timeout
        assert total == pytest.approx(1)
        assert (signal.type == "hold") == (signal.reason is not None)
        assert (signal.type != "hold") == (signal.expected_r_net > 0)
        assert 0 <= signal.score <= 10


def test_a_signal_is_known_by_its_candle(forecaster: Forecaster) -> None:
    history = to_candles(make_rows(701))

    def of(candles: list[Candle], symbol: str) -> Signal:
        return signals(forecaster.judge([candles], "1h"), [symbol], (1.5, 1.5))[0]

    now, again = (of(history, "BTC/USDT") for _ in range(2))

    assert now.id == again.id
    assert now.id != of(history[:-1], "BTC/USDT").id
    assert now.id != of(history, "ETH/USDT").id
    assert now.expires_ms - now.time_ms == HOUR


@pytest.mark.parametrize(("net", "said"), [(-1.0, 0.0), (0.0, 0.0), (0.125, 5.0), (2.0, 10.0)])
def test_the_score_grows_with_the_gain_after_costs(net: float, said: float) -> None:
    assert score(net) == said
