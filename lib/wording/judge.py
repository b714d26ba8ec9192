"""The trained judge of a text's tone, in plain Python: its card is `lib/models/sentiment_v1.md`.

Logistic regression on words, pairs and pieces of words (TF-IDF) and on what the list of words says.
"""

import base64
import json
from functools import cache
from math import exp, sqrt
from pathlib import Path
from typing import Any, Final

from lib.news import Tone, Verdict
from lib.wording.grams import letter_grams, lexicon_facts, word_grams, words_of

MODEL: Final = "sentiment_v1"
TONES: Final[tuple[Tone, ...]] = ("negative", "neutral", "positive")
FILE: Final = Path(__file__).with_name(f"{MODEL}.json")
"""Beside its reader and not in `lib/models`: light functions judge texts too, and carry no AI."""

Row = tuple[float, float, float, float]


class Judge:
    """Weights, unpacked once: a gram's rarity, and rarity times its weight for each tone."""

    def __init__(self, document: dict[str, Any]) -> None:
        grams = document["grams"].split("\n") if document["grams"] else []
        rarity = base64.b85decode(document["rarity"])
        weights = memoryview(base64.b85decode(document["weights"])).cast("b")
        unit, (a, b, c) = document["rarity_unit"], document["weight_units"]
        self._rows: dict[str, Row] = {}
        for i, gram in enumerate(grams):
            rare = rarity[i] * unit
            one, two, three = weights[3 * i : 3 * i + 3]
            self._rows[gram] = (rare, one * a * rare, two * b * rare, three * c * rare)
        self._facts: list[list[float]] = document["facts"]  # [tone][fact]
        self._bias: list[float] = document["bias"]
        self._sharpness: float = document["sharpness"]

    def shares(self, text: str) -> tuple[float, float, float]:
        """How probable each of `TONES` is."""
        words = words_of(text)
        told = list(self._bias)
        for grams in (word_grams(words), letter_grams(words)):
            for i, part in enumerate(self._block(grams)):
                told[i] += part
        facts = lexicon_facts(text, words)
        for i, weights in enumerate(self._facts):
            told[i] += sum(weight * fact for weight, fact in zip(weights, facts, strict=True))
        top = max(told)
        a, b, c = (exp(self._sharpness * (one - top)) for one in told)
        total = a + b + c
        return a / total, b / total, c / total

    def judge(self, text: str) -> Verdict:
        """The most probable tone; the score is P(positive) - P(negative), the confidence how
        probable the tone is."""
        shares = self.shares(text)
        sure = max(shares)
        tone = TONES[shares.index(sure)]
        return Verdict(tone, round(shares[2] - shares[0], 4) + 0.0, round(sure, 4))

    def _block(self, grams: dict[str, float]) -> tuple[float, float, float]:
        length = one = two = three = 0.0
        for gram, count in grams.items():
            row = self._rows.get(gram)
            if row:
                length += (count * row[0]) ** 2
                one += count * row[1]
                two += count * row[2]
                three += count * row[3]
        norm = sqrt(length) or 1.0
        return one / norm, two / norm, three / norm


@cache  # immutable and part of the code, so no setting or test could want another one
def embedded_judge() -> Judge:
    """The judge over the shipped weights, read when the first text comes."""
    return Judge(json.loads(FILE.read_text(encoding="utf-8")))
