"""Figures of a model with as many digits as can mean something."""

from typing import Final

import numpy as np

from lib.analysis.series import Floats

OF_A_PRICE: Final = 10
"""As many as venues state at most; a gain over a risk of a thousandth still has seven."""

OF_A_CHANCE: Final = 4
"""Behind the point: the hundredth of a percent."""

OF_A_GAIN: Final = 8
"""Behind the point, in units of the risk: what follows from chances and prices as shown."""


def short(prices: float | Floats) -> Floats:
    """Positive prices to ten significant digits; what was in order stays so."""
    places = OF_A_PRICE - 1 - np.floor(np.log10(prices))
    fine, coarse = 10.0 ** places.clip(0, None), 10.0 ** (-places).clip(0, None)
    made: Floats = np.rint(prices / coarse * fine) / fine * coarse
    return made
