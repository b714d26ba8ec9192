"""The sandbox's market: a pure function of (seed, asset, time). Caches only save work."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp, log, sqrt, tanh
from typing import Final, NamedTuple, TypeVar

from lib.sandbox.assets import Asset
from lib.sandbox.noise import REACH, SPREAD, draws, wander
from lib.sandbox.tree import DRAWS_PER_CHILD, LEVELS_S, Node, Tick, split, trades

K = TypeVar("K")
T = TypeVar("T")

MINUTE_S, DAY_S, WEEK_S = 60, 86_400, 604_800

_MONDAY_S: Final = 4 * DAY_S  # the epoch was a Thursday
_MINUTE_LEVEL: Final = len(LEVELS_S) - 1
_MOST_NODES: Final = 20_000  # kept split: about 35 MB
_MOST_MINUTES: Final = 2_000  # kept with their trades: about 20 MB
_EVEN: Final = (1.0,) * 7
_WEEK: Final = (1.1, 1.1, 1.15, 1.1, 1.05, 0.7, 0.8)
_HOURS: Final = (0.9, 0.9, 0.85, 0.8, 0.75, 0.75, 0.8, 0.95, 1.05, 1.0, 0.95, 0.95,
                 1.05, 1.3, 1.5, 1.45, 1.3, 1.15, 1.05, 1.0, 1.0, 0.95, 0.9, 0.9)  # fmt: skip
_FOURS: Final = tuple(sum(_HOURS[i : i + 4]) / 4 for i in range(0, 24, 4))


class Bar(NamedTuple):
    """A bar in ticks, lots, and ticks times lots; `trades` of them were made in it."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    quote: int
    trades: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A coin priced in something: `per_10000` is what ten thousand dollars are worth in it.

    Prices are converted by rounding down, which keeps order: bars still add up.
    """

    asset: Asset
    quote: str
    per_10000: int = 10_000

    @property
    def price_decimals(self) -> int:
        """Decimals of a tick."""
        return self.asset.price_decimals

    @property
    def amount_decimals(self) -> int:
        """Decimals of a lot."""
        return self.asset.amount_decimals

    @property
    def quote_decimals(self) -> int:
        """Decimals of a quote amount."""
        extra = 0 if self.per_10000 == 10_000 else 4
        return self.asset.price_decimals + self.asset.amount_decimals + extra

    def price(self, ticks: int) -> int:
        """A dollar price in this quote."""
        return ticks if self.per_10000 == 10_000 else max(1, ticks * self.per_10000 // 10_000)

    def bar(self, bar: Bar) -> Bar:
        """A dollar bar in this quote."""
        if self.per_10000 == 10_000:
            return bar
        at, o, h, low, c, volume, quote, count = bar
        price = self.price
        moved = (price(o), price(h), price(low), price(c))
        return Bar(at, *moved, volume, quote * self.per_10000, count)


class Market:
    """Prices, bars and trades of every asset at any time. All times in seconds."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self._roots: dict[tuple[str, int], Node] = {}
        self._split: dict[tuple[str, int, int], tuple[Node, ...]] = {}
        self._trades: dict[tuple[str, int], tuple[Tick, ...]] = {}
        self._common: dict[tuple[int, int], tuple[int, ...]] = {}

    def last(self, asset: Asset, at_s: int) -> Tick:
        """The newest trade at this moment: its price is the price."""
        return self._minute(asset, at_s - at_s % MINUTE_S)[at_s % MINUTE_S]

    def price(self, asset: Asset, at_s: int) -> float:
        """The price in dollars."""
        return self.last(asset, at_s).price / 10.0**asset.price_decimals

    def trades(self, asset: Asset, at_s: int, count: int) -> list[Tick]:
        """The newest trades, oldest first."""
        first = at_s - count + 1
        made = [
            tick
            for minute in range(first - first % MINUTE_S, at_s + 1, MINUTE_S)
            for tick in self._minute(asset, minute)
        ]
        return [tick for tick in made if first <= tick.second <= at_s]

    def bar(self, asset: Asset, from_s: int, to_s: int) -> Bar:
        """What was traded from `from_s` up to, not including, `to_s`."""
        pieces = list(self._cover(asset, from_s, to_s))
        _, highs, lows, _, volumes, quotes = zip(*pieces, strict=True)
        return Bar(
            from_s * 1000,
            pieces[0].open,
            max(highs),
            min(lows),
            pieces[-1].close,
            sum(volumes),
            sum(quotes),
            to_s - from_s,
        )

    def bars(self, asset: Asset, step_s: int, first_s: int, count: int, now_s: int) -> list[Bar]:
        """Bars that open at `first_s` and every `step_s` after; the running one as far as it is."""
        opens = range(first_s, min(first_s + count * step_s, now_s + 1), step_s)
        return [self.bar(asset, at, min(at + step_s, now_s + 1)) for at in opens]

    def day(self, asset: Asset, now_s: int) -> Bar:
        """The last 24 hours: 1,439 whole minutes and the running one."""
        return self.bar(asset, now_s - now_s % MINUTE_S - DAY_S + MINUTE_S, now_s + 1)

    def _cover(self, asset: Asset, from_s: int, to_s: int) -> Iterator[Node]:
        week = (from_s - _MONDAY_S) // WEEK_S
        while (start := week * WEEK_S + _MONDAY_S) < to_s:
            yield from self._within(asset, 0, start, from_s, to_s, self._root(asset, week))
            week += 1

    def _within(
        self, asset: Asset, level: int, start: int, from_s: int, to_s: int, node: Node
    ) -> Iterator[Node]:
        if from_s <= start and start + LEVELS_S[level] <= to_s:
            yield node
            return
        if level == _MINUTE_LEVEL:
            yield _sum(self._minute_of(asset, start, node), from_s, to_s)
            return
        step = LEVELS_S[level + 1]
        children = self._children(asset, level, start, node)
        skipped = max(0, (from_s - start) // step)
        for i in range(skipped, min(len(children), -((start - to_s) // step))):
            yield from self._within(asset, level + 1, start + i * step, from_s, to_s, children[i])

    def _minute(self, asset: Asset, minute: int) -> tuple[Tick, ...]:
        known = self._trades.get((asset.id, minute))
        if known:
            return known
        (node,) = self._cover(asset, minute, minute + MINUTE_S)
        return self._minute_of(asset, minute, node)

    def _minute_of(self, asset: Asset, minute: int, node: Node) -> tuple[Tick, ...]:
        return _kept(
            self._trades,
            (asset.id, minute),
            lambda: trades(node, minute, draws(f"{self.seed}|{asset.id}|tick|{minute}", 120)),
            _MOST_MINUTES,
        )

    def _children(self, asset: Asset, level: int, start: int, node: Node) -> tuple[Node, ...]:
        def make() -> tuple[Node, ...]:
            step = LEVELS_S[level + 1]
            count = LEVELS_S[level] // step
            own = draws(f"{self.seed}|{asset.id}|{level}|{start}", DRAWS_PER_CHILD * count)
            common = _kept(
                self._common,
                (level, start),
                lambda: draws(f"{self.seed}||{level}|{start}", count),
            )
            return split(node, step, own, common, _season(level, start, count))

        return _kept(self._split, (asset.id, level, start), make)

    def _root(self, asset: Asset, week: int) -> Node:
        return _kept(self._roots, (asset.id, week), lambda: self._week(asset, week))

    def _week(self, asset: Asset, week: int) -> Node:
        opened, closed = self._level(asset, week), self._level(asset, week + 1)
        up, down, much = draws(f"{self.seed}|{asset.id}|week|{week}", 3)
        variance, move = asset.weekly_volatility**2, closed - opened
        high = opened + (move + sqrt(move * move + variance * REACH[up])) / 2
        low = opened + (move - sqrt(move * move + variance * REACH[down])) / 2
        unit = 10.0**asset.price_decimals
        base = log(asset.base * unit)
        # never beyond e^2.25, 9.5 times the base: the all-time high is 10 times
        first, top, bottom, final = (
            round(exp(base + max(-2.25, min(2.25, x)))) for x in (opened, high, low, closed)
        )
        dollars = asset.weekly_volume * SPREAD[much] * sqrt(abs(move) / sqrt(variance) + 0.5)
        volume = max(round(dollars / asset.base * 10**asset.amount_decimals), 2 * WEEK_S)
        quote = volume * (first + top + bottom + final) // 4
        return Node(first, top, bottom, final, volume, quote)

    def _level(self, asset: Asset, week: int) -> float:
        # where the log price stands when a week begins, from the base: within two on either side
        walk = 0.75 * wander(f"{self.seed}||week", week)
        walk += 0.66 * wander(f"{self.seed}|{asset.id}|week", week)
        return 2 * tanh(asset.weekly_volatility * walk / 2)


def _season(level: int, start: int, count: int) -> tuple[float, ...]:
    if level == 0:
        return _WEEK
    if level == 1:
        return _FOURS
    if level == 2:
        hour = start % DAY_S // 3600
        return _HOURS[hour : hour + 4]
    return _EVEN[:count]


def _sum(ticks: tuple[Tick, ...], from_s: int, to_s: int) -> Node:
    inside = [tick for tick in ticks if from_s <= tick.second < to_s]
    prices = [tick.price for tick in inside]
    return Node(
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(tick.amount for tick in inside),
        sum(tick.amount * tick.price for tick in inside),
    )


def _kept(cache: dict[K, T], key: K, make: Callable[[], T], most: int = _MOST_NODES) -> T:
    known = cache.get(key)
    if known is None:
        if len(cache) >= most:
            cache.clear()
        known = cache[key] = make()
    return known
