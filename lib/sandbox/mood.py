"""The sandbox's fear and greed: how far and how wildly bitcoin moved in thirty days."""

from math import log, sqrt
from statistics import pstdev

from lib.sandbox.assets import BY_ID
from lib.sandbox.world import World

_DAY_S = 86_400


def mood(world: World, at_s: int) -> int:
    """From 1 (fear) to 99 (greed), on the day that holds this moment."""
    midnight = at_s - at_s % _DAY_S
    days = world.market.bars(BY_ID["bitcoin"], _DAY_S, midnight - 30 * _DAY_S, 30, midnight)
    steps = [log(bar.close / bar.open) for bar in days]
    trend = sum(steps)
    unrest = pstdev(steps) * sqrt(365)
    return max(1, min(99, round(50 + 150 * trend + 25 * (0.45 - unrest))))


def mood_word(value: int) -> str:
    """What the providers call it."""
    for limit, word in ((25, "Extreme Fear"), (45, "Fear"), (55, "Neutral"), (75, "Greed")):
        if value < limit:
            return word
    return "Extreme Greed"
