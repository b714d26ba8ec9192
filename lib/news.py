"""The vocabulary of news and moods: articles, stories, fear and greed, what a text says."""

from typing import Literal

from msgspec import Struct

from lib.units import UnixMs

Tone = Literal["positive", "negative", "neutral"]


class NewsItem(Struct, frozen=True, omit_defaults=True):
    """One article of one outlet: plain texts, a web address, the time that the outlet states.

    `score` is the tone of its title and summary, from -1 (bad news) to 1 (good news); `None` in a
    language that we cannot judge.
    """

    title: str
    url: str
    outlet: str
    published_ms: UnixMs
    score: float | None
    summary: str = ""
    content: str = ""
    image_url: str | None = None
    language: str = "en"
    topics: tuple[str, ...] = ()  # the outlet's own categories, small letters
    symbols: tuple[str, ...] = ()  # assets that the source itself names


class News(Struct, frozen=True):
    """What one source has published lately, newest first."""

    items: tuple[NewsItem, ...]
    time_ms: UnixMs


class Mood(Struct, frozen=True):
    """Fear and greed at one moment: 0 is extreme fear, 100 extreme greed."""

    value: int
    time_ms: UnixMs
    word: str


class MoodHistory(Struct, frozen=True):
    """Fear and greed now, and on the days before, oldest first."""

    now: Mood
    days: tuple[Mood, ...]
    time_ms: UnixMs


class Verdict(Struct, frozen=True):
    """What a text says: its tone, how strongly (-1 to 1), and how often such a verdict is right."""

    tone: Tone
    score: float
    confidence: float


class Verdicts(Struct, frozen=True):
    """One verdict a text, in the order of the question."""

    rows: tuple[Verdict, ...]
    model: str
    time_ms: UnixMs
