"""What a trained judge sees of a text: its words, pairs of words, and pieces of words."""

import re
from collections import Counter
from itertools import pairwise
from math import log
from typing import Final

from lib.wording.tone import tone_score, word_tone

LONGEST: Final = 2000
"""Characters read; a headline has about seventy."""

_SHORTEST, _WIDEST = 3, 5
_FORMS: Final = (
    (re.compile(r"https?://\S+"), " "),
    (re.compile(r"\d[\d.,]*"), "0"),
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'&\-]*|[$%?!]")


def words_of(text: str) -> list[str]:
    """Small letters; every number is the same number; signs that carry meaning are words."""
    lowered = text[:LONGEST].lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for pattern, instead in _FORMS:
        lowered = pattern.sub(instead, lowered)
    return _WORD.findall(lowered)


def word_grams(words: list[str]) -> dict[str, float]:
    """Words and pairs of neighbours, damped by how often they come."""
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    return _damped(words + pairs)


def letter_grams(words: list[str]) -> dict[str, float]:
    """Pieces of three to five letters within a word and its borders; they begin with a colon, so
    that none is taken for a word."""
    found: list[str] = []
    for word in words:
        framed = f" {word} "
        for width in range(_SHORTEST, min(_WIDEST, len(framed)) + 1):
            found += [":" + framed[i : i + width] for i in range(len(framed) - width + 1)]
    return _damped(found)


def lexicon_facts(text: str, words: list[str]) -> tuple[float, ...]:
    """What a list of words (`lib.wording.tone`) and a few signs say of a text; each about one."""
    score = tone_score(text)
    weights = [weight for weight in map(word_tone, words) if weight]
    good = sum(weight for weight in weights if weight > 0)
    bad = -sum(weight for weight in weights if weight < 0)
    return (
        score,
        max(score, 0.0),
        max(-score, 0.0),
        abs(score),
        min(good, 12.0) / 3,
        min(bad, 12.0) / 3,
        float(good > 0),
        float(bad > 0),
        float(good > 0 and bad > 0),
        float(not weights),
        weights[0] / 2 if weights else 0.0,
        weights[-1] / 2 if weights else 0.0,
        float("?" in words),
        min(len(words), 45) / 15,
        float("$" in words),
        float("%" in words),
    )


def _damped(grams: list[str]) -> dict[str, float]:
    return {gram: 1.0 + log(n) for gram, n in Counter(grams).items()}
