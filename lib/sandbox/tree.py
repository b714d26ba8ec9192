"""How a bar falls apart into shorter bars that add up to it exactly, down to single trades.

Prices are whole ticks, amounts whole lots, quote amounts ticks times lots: integers add up.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from typing import Final, NamedTuple

from lib.sandbox.noise import NORMAL, REACH, SPREAD

LEVELS_S: Final = (604_800, 86_400, 14_400, 3_600, 1_800, 900, 300, 60)
"""How long a node of each level is; the children of a minute are its sixty trades."""

DRAWS_PER_CHILD: Final = 5

_RANGE: Final = 2.6  # the mean squared range of a random walk, in its variances (about 1.6 squared)
_TOGETHER, _ALONE = 0.75, 0.66  # how much of a move is the whole market's (squares add up to 1)


class Node(NamedTuple):
    """A bar without its time."""

    open: int
    high: int
    low: int
    close: int
    volume: int
    quote: int


class Tick(NamedTuple):
    """One trade; there is one in each second."""

    second: int
    price: int
    amount: int
    buy: bool


def split(
    node: Node, seconds: int, own: Sequence[int], common: Sequence[int], season: Sequence[float]
) -> tuple[Node, ...]:
    """The children of a node, each `seconds` long: they open, close and add up as the node does.

    `own` are five draws a child, `common` one a child, `season` how lively each child's hours are.
    """
    opened, high, low, closed, volume, quote = node
    count = len(season)
    lively = [s * SPREAD[d] for s, d in zip(season, own, strict=False)]
    unit = (high - low) ** 2 / (_RANGE * sum(lively))
    variances = [unit * share for share in lively]
    steps = [
        (_TOGETHER * NORMAL[c] + _ALONE * NORMAL[d]) * sqrt(variance)
        for c, d, variance in zip(common, own[count:], variances, strict=False)
    ]
    ends = _bridge(opened, closed, low, high, steps, lively)
    starts = [opened, *ends[:-1]]
    highs: list[int] = []
    lows: list[int] = []
    best_top, best_bottom, top_at, bottom_at = -1.0, float(high) + 1.0, 0, 0
    for i in range(count):
        a, b = starts[i], ends[i]
        move = b - a
        top = a + (move + sqrt(move * move + variances[i] * REACH[own[2 * count + i]])) / 2
        bottom = a + (move - sqrt(move * move + variances[i] * REACH[own[3 * count + i]])) / 2
        if top > best_top:
            best_top, top_at = top, i
        if bottom < best_bottom:
            best_bottom, bottom_at = bottom, i
        highs.append(max(a, b, min(high, int(top))))
        lows.append(min(a, b, max(low, int(bottom) + 1)))
    highs[top_at] = high  # exactly one child has to reach each extreme; others may
    lows[bottom_at] = low
    middles = [
        (a + b + h + low) / 4 for a, b, h, low in zip(starts, ends, highs, lows, strict=True)
    ]
    weights = [sqrt(share * SPREAD[d]) for share, d in zip(lively, own[4 * count :], strict=False)]
    weights = _tilt(weights, middles, highs, lows, quote / volume)
    volumes = share_out(volume, weights, floor=max(seconds, volume // (40 * count)))
    quotes = _quotes(quote, volumes, starts, ends, highs, lows)
    return tuple(map(Node._make, zip(starts, highs, lows, ends, volumes, quotes, strict=True)))


def trades(node: Node, minute: int, own: Sequence[int]) -> tuple[Tick, ...]:
    """The sixty trades of a minute (`minute` is its first second): two draws a trade.

    The first is at its open, the last at its close; both extremes are touched; amounts add up.
    """
    opened, high, low, closed, volume, _ = node
    unit = sqrt((high - low) ** 2 / (_RANGE * 60))
    steps = [NORMAL[d] * unit for d in own[:59]]
    prices = [opened, *_bridge(opened, closed, low, high, steps, [1.0] * 59)]
    inner = range(1, 59)
    if high not in (opened, closed):
        prices[max(inner, key=prices.__getitem__)] = high
    if low not in (opened, closed):
        # a trade at the other extreme is spared: both have to be touched
        prices[min(inner, key=lambda i: (prices[i] == high, prices[i]))] = low
    amounts = share_out(volume, [SPREAD[d] ** 3 for d in own[60:120]], floor=1)
    made: list[Tick] = []
    before = opened
    for i, price in enumerate(prices):
        buy = price > before if price != before else own[60 + i] & 1 == 1
        made.append(Tick(minute + i, price, amounts[i], buy))
        before = price
    return tuple(made)


def share_out(total: int, weights: Sequence[float], floor: int) -> list[int]:
    """Whole parts of a whole, each at least `floor`, by weight; they add up exactly."""
    extra = total - floor * len(weights)
    marks = list(accumulate(weights))
    cuts = [int(extra * (mark / marks[-1])) for mark in marks[:-1]]
    return [floor + end - start for start, end in zip([0, *cuts], [*cuts, extra], strict=True)]


def _bridge(
    start: int, end: int, low: int, high: int, steps: Sequence[float], weights: Sequence[float]
) -> list[int]:
    # where each step ends: bent to arrive at `end`, mirrored at the walls
    rest = (end - start - sum(steps)) / sum(weights)
    ends: list[int] = []
    x = float(start)
    for step, weight in zip(steps[:-1], weights, strict=False):
        x += step + rest * weight
        inside = 2 * high - x if x > high else 2 * low - x if x < low else x
        ends.append(min(high, max(low, round(inside))))
    ends.append(end)
    return ends


def _tilt(
    weights: list[float], middles: list[float], highs: list[int], lows: list[int], mean: float
) -> list[float]:
    # the children's middle prices have to average to the node's own mean price: lean the
    # volumes towards the dear or the cheap ones, and where that is not enough, towards the
    # one at the far end until `mean` is well within what they can reach
    total = sum(weights)
    centre = sum(w * x for w, x in zip(weights, middles, strict=True)) / total
    spread = sum(w * (x - centre) ** 2 for w, x in zip(weights, middles, strict=True)) / total
    if spread:
        lean = (mean - centre) / spread
        weights = [
            w * max(0.2, 1 + lean * (x - centre)) for w, x in zip(weights, middles, strict=True)
        ]
        total = sum(weights)
    upper = sum(w * h for w, h in zip(weights, highs, strict=True)) / total
    lower = sum(w * b for w, b in zip(weights, lows, strict=True)) / total
    margin = 0.25 * (upper - lower)
    if mean > upper - margin:
        far = max(range(len(highs)), key=lambda i: (highs[i], middles[i]))
        share = (mean - upper + margin) / (highs[far] - upper + margin + 1)
    elif mean < lower + margin:
        far = min(range(len(lows)), key=lambda i: (lows[i], middles[i]))
        share = (lower + margin - mean) / (lower + margin - lows[far] + 1)
    else:
        return weights
    share = min(share, 0.9)
    weights = [w * (1 - share) for w in weights]
    weights[far] += total * share
    return weights


def _quotes(
    quote: int,
    volumes: list[int],
    starts: list[int],
    ends: list[int],
    highs: list[int],
    lows: list[int],
) -> list[int]:
    # start at each child's middle price, then use the room towards its high (or low) to add up
    rows = list(zip(volumes, starts, ends, highs, lows, strict=True))
    made = [v * (a + b + h + low) // 4 for v, a, b, h, low in rows]
    missing = quote - sum(made)
    edge = highs if missing > 0 else lows
    rooms = [abs(v * e - q) for v, e, q in zip(volumes, edge, made, strict=True)]
    if sum(rooms) < abs(missing) or not missing:
        rooms = volumes
    whole = sum(rooms)
    parts = [missing * room // whole for room in rooms]
    widest = max(range(len(rooms)), key=rooms.__getitem__)
    parts[widest] += missing - sum(parts)
    return [q + part for q, part in zip(made, parts, strict=True)]
