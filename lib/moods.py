"""Fear and greed: the words for it, and days in order."""

from collections.abc import Iterable
from typing import Final

from lib.errors import SourceMalformed
from lib.news import Mood, MoodHistory
from lib.timeframes import DAY_MS

_WORDS: Final = {
    "Extreme Fear": 25,
    "Fear": 46,
    "Neutral": 54,
    "Greed": 75,
    "Extreme Greed": 100,
}
"""Up to which value each word goes, as alternative.me draws the lines."""


def read_mood(value: float, time_ms: int | None, word: str | None = None) -> Mood:
    """A source's value under the source's own word for it, if it is one of the five.

    Raises:
        SourceMalformed: no value from 0 to 100, or no time.
    """
    if time_ms is None or not 0 <= value <= 100:
        raise SourceMalformed("a value or a time that cannot be")
    known, whole = (word or "").strip().title(), round(value)
    return Mood(whole, time_ms, known if known in _WORDS else mood_word(whole))


def mood_word(value: int) -> str:
    """The index in words, from `Extreme Fear` to `Extreme Greed`."""
    return next(word for word, most in _WORDS.items() if value <= most)


def build_history(moods: Iterable[Mood], now: Mood | None = None) -> MoodHistory:
    """The days oldest first, each once, and the newest value.

    Raises:
        SourceMalformed: there is none.
    """
    by_day = {mood.time_ms // DAY_MS: mood for mood in moods}
    days = [by_day[day] for day in sorted(by_day)]
    newest = now or (days[-1] if days else None)
    if newest is None:
        raise SourceMalformed("not one value")
    return MoodHistory(newest, tuple(days), newest.time_ms)
