"""The arithmetic of a trade with a target and a stop: chances into expected gain."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib.analysis.series import Floats

SIGNAL_BARS: Final = 24  # a trade that has met neither barrier by then ends at the close
ATR_PERIOD: Final = 14
LONG, SHORT = 0, 1


class Odds(NamedTuple):
    """The better side of each origin, `[N]`."""

    side: NDArray[np.intp]  # LONG or SHORT
    target: Floats  # prices
    stop: Floats
    risk_reward: Floats
    p_target: Floats
    p_stop: Floats
    p_timeout: Floats
    expected: Floats  # in R, before costs
    cost: Floats  # in R


def weigh(
    close: Floats, atr: Floats, touch: Floats, barriers: tuple[float, float], cost_bps: float
) -> Odds:
    """Choose the side with the larger expected gain; `touch` is P(target, stop, neither) by side.

    A trade that times out counts as 0 R: over both sides its mean is just that.
    """
    up, down = barriers
    side = better_side(touch, barriers)
    row = np.arange(len(side))
    sign = np.where(side == LONG, 1.0, -1.0)
    target = close + sign * up * atr
    stop = close - sign * down * atr
    risk = np.abs(close - stop).clip(1e-300)
    chances = touch[row, side]
    return Odds(
        side,
        target,
        stop,
        np.abs(target - close) / risk,
        chances[:, 0],
        chances[:, 1],
        chances[:, 2],
        chances[:, 0] * (up / down) - chances[:, 1],
        cost_bps / 1e4 * close / risk,
    )


def better_side(touch: Floats, barriers: tuple[float, float]) -> NDArray[np.intp]:
    """LONG or SHORT, whichever expects more, `[N]`."""
    up, down = barriers
    gain: Floats = touch[..., 0] * (up / down) - touch[..., 1]
    side: NDArray[np.intp] = gain.argmax(axis=1)
    return side
