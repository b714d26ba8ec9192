"""Money that was reckoned with, without the dust of binary fractions: 10.8, not 10.80000000000291.

Twelve digits are kept: venues state ten of a price at most, and rates have fewer.
"""

from math import floor, log10
from typing import Final

DIGITS: Final = 12


def times(money: float, rate: float) -> float:
    """An amount at a rate."""
    return money if rate == 1 else float(f"{money * rate:.{DIGITS}g}")


def apart(price: float, other: float) -> float:
    """How far a price is above another one, to the digits that the price has."""
    return round(price - other, DIGITS - floor(log10(price)))
