"""Our own fear and greed: what can be computed from bars, dominance and news, and how.

Each component goes from 0 (fear) to 100 (greed):

- volatility: the standard deviation of bitcoin's last seven daily returns, as its place among
  those of the ninety days before; the calmest week of them all is 100;
- market_momentum: bitcoin's thirty-day return in units of what thirty days usually bring (the
  standard deviation of the last ninety daily returns, times the root of thirty), through the normal
  distribution: 50 is no change;
- dominance: 100 minus bitcoin's share of the market cap in percent, since fear flees to bitcoin;
- news: 50 plus 50 times the mean score of the last day's stories.

The index is their mean; without bars there is none.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import erf, log, sqrt
from statistics import fmean, pstdev
from typing import Final

from msgspec import Struct

from lib.market import Candle
from lib.timeframes import DAY_MS
from lib.views.newsroom import Story, newest_ms

BARS: Final = 130
"""Daily bars that all methods together look back on, and some to spare."""

_WEEK, _MONTH, _PAST = 7, 30, 90


class Components(Struct, frozen=True):
    """What can be told; `None` where there is too little to tell it by."""

    volatility: float | None = None
    market_momentum: float | None = None
    dominance: float | None = None
    news: float | None = None

    @property
    def index(self) -> int | None:
        """The mean of what there is; `None` without what the bars tell."""
        if self.volatility is None or self.market_momentum is None:
            return None
        known = (self.volatility, self.market_momentum, self.dominance, self.news)
        return round(fmean(value for value in known if value is not None))


def build_components(
    bars: Sequence[Candle], bitcoin_share: float | None, stories: Iterable[Story]
) -> Components:
    """All components.

    Args:
        bars: bitcoin's daily bars, ascending, the running one last.
        bitcoin_share: of the total market cap, in percent.
    """
    closes = [bar.close for bar in bars if bar.close > 0]
    returns = [log(later / earlier) for earlier, later in pairwise(closes)]
    return Components(
        volatility=_calm(returns),
        market_momentum=_momentum(closes, returns),
        dominance=None if bitcoin_share is None else round(100 - bitcoin_share, 1),
        news=_news(list(stories)),
    )


def _calm(returns: list[float]) -> float | None:
    if len(returns) < _WEEK + _PAST:
        return None
    ends = range(len(returns) - _PAST, len(returns) + 1)
    *past, now = (pstdev(returns[end - _WEEK : end]) for end in ends)
    above = sum(1.0 if other > now else 0.5 if other == now else 0.0 for other in past)
    return round(100 * above / len(past), 1)


def _momentum(closes: list[float], returns: list[float]) -> float | None:
    if len(returns) < _PAST:
        return None
    usual = pstdev(returns[-_PAST:]) * sqrt(_MONTH)
    if usual == 0:
        return 50.0
    moved = log(closes[-1] / closes[-1 - _MONTH]) / usual
    return round(50 * (1 + erf(moved / sqrt(2))), 1)


def _news(stories: list[Story]) -> float | None:
    since = newest_ms(stories) - DAY_MS
    recent = (story for story in stories if story.item.published_ms >= since)
    scores = [story.score for story in recent if story.score is not None]
    return round(50 + 50 * fmean(scores), 1) if scores else None
