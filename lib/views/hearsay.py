"""What the news says about one asset: how much, how well, and how lately."""

from collections.abc import Sequence
from statistics import fmean

from msgspec import Struct

from lib.news import Tone
from lib.timeframes import DAY_MS
from lib.views.newsroom import Story, newest_ms
from lib.wording.tone import tone_of

HALF_LIFE_MS = DAY_MS
"""A story counts half as much for each day that it is older than the newest of all news."""


class Hearsay(Struct, frozen=True):
    """Scores from -1 to 1. `agreement` is the share of weight that has the same tone as all."""

    stories: tuple[Story, ...]
    score: float
    mean: float
    tone: Tone
    agreement: float


def listen(stories: Sequence[Story], symbol: str) -> Hearsay | None:
    """What the stories about an asset say together; `None` if there is none that can be judged."""
    about = tuple(s for s in stories if symbol in s.symbols and s.score is not None)
    if not about:
        return None
    newest = newest_ms(stories)
    weights = [0.5 ** ((newest - s.item.published_ms) / HALF_LIFE_MS) for s in about]
    total = sum(weights)
    if total <= 0:
        weights, total = [1.0] * len(about), float(len(about))
    scores = [story.score or 0.0 for story in about]
    score = sum(w * own for w, own in zip(weights, scores, strict=True)) / total
    tone = tone_of(score)
    agreeing = sum(w for w, s in zip(weights, about, strict=True) if s.tone == tone)
    return Hearsay(
        stories=about,
        score=round(score, 4),
        mean=round(fmean(scores), 4),
        tone=tone,
        agreement=round(agreeing / total, 4),
    )
