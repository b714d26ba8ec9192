"""The tone of headlines."""

import csv
import gzip
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.wording.tone import judge, tone_of, tone_score
from tests.conftest import Corpus

TONES = ("positive", "negative", "neutral")


def labelled(corpus: Corpus) -> list[tuple[str, str]]:
    """Text and label of the headlines."""
    path = corpus.root / "labels" / "cryptolin_headlines.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [(row["text"], row["label"]) for row in csv.DictReader(lines)]


def test_on_labelled_crypto_headlines_it_is_better_than_finbert(corpus: Corpus) -> None:
    pairs = Counter((label, judge(text).tone) for text, label in labelled(corpus))

    scores = []
    for tone in TONES:
        said = sum(n for (_, told), n in pairs.items() if told == tone)
        is_so = sum(n for (label, _), n in pairs.items() if label == tone)
        scores.append(2 * pairs[tone, tone] / (said + is_so))

    assert sum(scores) / 3 > 0.52


def test_confidence_is_how_often_such_a_verdict_is_right(corpus: Corpus) -> None:
    right: Counter[float] = Counter()
    total: Counter[float] = Counter()
    for text, label in labelled(corpus):
        verdict = judge(text)
        total[verdict.confidence] += 1
        right[verdict.confidence] += verdict.tone == label

    assert len(total) == 4
    for confidence, n in total.items():
        assert right[confidence] / n == pytest.approx(confidence, abs=0.03)


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Bitcoin soars to a record high as ETF inflows surge", "positive"),
        ("Exchange hacked: $100M stolen, withdrawals halted", "negative"),
        ("Foundation publishes its quarterly notes", "neutral"),
        ("Bitcoin fails to rally", "negative"),
        ("This is not good: no gains, no growth", "negative"),
        ("Regulator lifts the ban", "positive"),
        ("", "neutral"),
    ],
)
def test_words_tell_the_tone(text: str, tone: str) -> None:
    assert judge(text).tone == tone


def test_a_negation_ends_with_its_sentence() -> None:
    assert tone_score("It did not. Prices soar") > 0


@given(st.text(max_size=300))
def test_a_score_is_between_minus_one_and_one(text: str) -> None:
    verdict = judge(text)

    assert -1 <= verdict.score <= 1
    assert math.isfinite(verdict.score)
    assert 0 <= verdict.confidence <= 1
    assert verdict.tone == tone_of(verdict.score)
