"""The shape that every forecast's fan has: levels in order, and no narrower at a farther bar."""

from collections.abc import Sequence


def lawful(bars: Sequence[Sequence[float]], middle: int) -> list[list[float]]:
    """Positive prices by bar and level, made so: sorted, then each level at least so many times
    the level `middle`, or its like below, as at the bar before."""
    fold = [1.0] * len(bars[0]) if bars else []
    made = []
    for bar in bars:
        prices = sorted(bar)
        for i, price in enumerate(prices):
            reached = fold[i] * prices[middle]
            prices[i] = min(price, reached) if i < middle else max(price, reached)
        fold = [price / prices[middle] for price in prices]
        made.append(prices)
    return made
