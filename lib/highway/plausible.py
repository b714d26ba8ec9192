"""Which prices can be believed when several sources tell one: by what they say themselves.

Pure, and fed with what is at hand: nobody is asked for it. A price more than 5 % off while the
others agree is an odd one; an answer that stays the same while others' prices move is a stuck one.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Final

from msgspec import Struct

from lib.clock import Clock

OFF: Final = 0.05
"""The share by which a price may differ from the median and still agree with it."""

OTHER_COIN: Final = 0.25
"""A price further off than this share may well be that of another coin under the same ticker."""

ENOUGH: Final = 2
"""So many sources must agree before anything follows from it."""

LASTS_S: Final = 300.0
"""A doubt that nothing has confirmed for so long is given up."""

MOST_DOUBTS: Final = 1000

STILL: Final = 4
"""So many equal answers in a row make a source stuck, if others moved meanwhile."""

MOVED: Final = 0.002
"""The share by which another source's price must have changed to have moved."""

MOST_WATCHED: Final = 4096


class Agreement(Struct, frozen=True):
    """The sources that agree, and the median of what they say."""

    sources: frozenset[str]
    median: float


def find_agreement(prices: Mapping[str, float], known: float | None = None) -> Agreement | None:
    """Who agrees, if at least two and more than half do, within 5 % of the middle price.

    Args:
        prices: of one pair, by source.
        known: an aggregator's price of the coin that the ticker means; it decides where the two
            camps are so far apart that they must be speaking of two coins.
    """
    middle = _low_middle(prices.values()) if prices else 0.0
    near = [source for source, price in prices.items() if off(price, middle) <= OFF]
    if len(near) < ENOUGH or 2 * len(near) <= len(prices):
        return None
    agreed = median_of(prices[source] for source in near)
    if known and off(agreed, known) > OTHER_COIN:
        ours = [source for source, price in prices.items() if off(price, known) <= OTHER_COIN]
        if ours:
            return Agreement(frozenset(ours), median_of(prices[source] for source in ours))
    return Agreement(frozenset(near), agreed)


def median_of(prices: Iterable[float]) -> float:
    """The middle of the prices, of an even number the mean of the middle two."""
    ranked = sorted(prices)
    return (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2


def off(price: float, middle: float) -> float:
    """By which share a price differs from another."""
    return abs(price - middle) / middle


def _low_middle(prices: Iterable[float]) -> float:
    """A price that somebody really tells, so that two who are far apart do not meet in between."""
    ranked = sorted(prices)
    return ranked[(len(ranked) - 1) // 2]


class Doubt(Struct, frozen=True):
    """One source's price of one pair that the others contradict."""

    source: str
    pair: str
    price: float
    median: float
    since_ms: int


class Judgement(Struct, frozen=True):
    """Whose prices of a pair are not to be used, and which doubts began and ended with it."""

    odd: frozenset[str] = frozenset()
    begun: tuple[Doubt, ...] = ()
    ended: tuple[Doubt, ...] = ()


class Outliers:
    """Remembers whose price of which pair is doubted, so that a doubt outlives its evidence.

    It takes two others who agree to begin one. One trusted price within 5 % ends it; without any,
    or against it, it stands, and lapses five minutes after it was last confirmed.
    """

    def __init__(self, clock: Clock) -> None:
        self.begun: Counter[str] = Counter()  # how many doubts each source has given cause for
        self._clock = clock
        self._doubts: dict[tuple[str, str], tuple[Doubt, float]] = {}

    def __bool__(self) -> bool:
        """Whether any doubt stands."""
        while self._doubts:
            oldest = next(iter(self._doubts))
            if self._clock.monotonic() - self._doubts[oldest][1] < LASTS_S:
                return True
            del self._doubts[oldest]
        return False

    @property
    def doubts(self) -> list[Doubt]:
        """Those that stand, the last confirmed last."""
        now = self._clock.monotonic()
        return [doubt for doubt, at in self._doubts.values() if now - at < LASTS_S]

    def stands(self, source: str, pair: str) -> bool:
        """Whether a source's price of a pair is doubted."""
        at = self._doubts.get((source, pair), (None, -LASTS_S))[1]
        if self._clock.monotonic() - at < LASTS_S:
            return True
        self._doubts.pop((source, pair), None)
        return False

    def judge(
        self, pair: str, prices: Mapping[str, float], known: float | None = None
    ) -> Judgement:
        """Judge what several sources say of one pair."""
        held = {source for source in prices if self.stands(source, pair)}
        agreed = find_agreement(prices, known)
        if agreed is not None:
            odd, middle = prices.keys() - agreed.sources, agreed.median
        else:
            trusted = [price for source, price in prices.items() if source not in held]
            if not held or not trusted:
                return Judgement(frozenset(held))
            middle = _low_middle(trusted)
            odd = {source for source in held if off(prices[source], middle) > OFF}
        ended = [self._doubts.pop((source, pair))[0] for source in held - odd]
        for source in odd:
            self._doubt(source, pair, prices[source], middle)
        begun = [self._doubts[source, pair][0] for source in odd - held]
        self.begun.update(doubt.source for doubt in begun)
        return Judgement(frozenset(odd), tuple(begun), tuple(ended))

    def _doubt(self, source: str, pair: str, price: float, middle: float) -> None:
        old = self._doubts.pop((source, pair), None)
        since_ms = old[0].since_ms if old else self._clock.now_ms()
        doubt = Doubt(source, pair, price, middle, since_ms)
        self._doubts[source, pair] = (doubt, self._clock.monotonic())
        while len(self._doubts) > MOST_DOUBTS:
            del self._doubts[next(iter(self._doubts))]


class _Seen(Struct):
    said: Hashable
    times: int
    others: dict[tuple[str, str], float]


class Standstill:
    """Notices who says the same again and again while others' prices move."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._stuck: set[tuple[str, str]] = set()
        self._last: dict[str, str] = {}  # what each source has spoken about last

    @property
    def stuck(self) -> frozenset[str]:
        """Sources whose last answer was a stuck one, whatever it was about."""
        return frozenset(
            source for source, about in self._last.items() if (source, about) in self._stuck
        )

    def stuck_about(self, *about: str) -> frozenset[str]:
        """Sources whose last answer about one of these was a stuck one."""
        return frozenset(source for source, on in self._stuck if on in about)

    def is_stuck(
        self, source: str, about: str, said: Hashable, others: Mapping[tuple[str, str], float]
    ) -> bool:
        """Note one more answer; whether it is at least the fourth of its kind while others moved.

        Args:
            said: the answer, or its digest.
            others: prices that other sources tell at this moment, by source and pair.
        """
        key = source, about
        self._last[source] = about
        seen = self._seen.pop(key, None)
        if seen is None or seen.said != said:
            seen = _Seen(said, 0, {})
        seen.times += 1
        seen.others = {**others, **seen.others}  # the first that was heard of each
        self._seen[key] = seen
        if len(self._seen) > MOST_WATCHED:
            oldest = next(iter(self._seen))
            del self._seen[oldest]
            self._stuck.discard(oldest)
        moved = any(off(price, seen.others[who]) > MOVED for who, price in others.items())
        if seen.times >= STILL and moved:
            self._stuck.add(key)
        else:
            self._stuck.discard(key)
        return key in self._stuck
